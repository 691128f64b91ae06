"""SMTP, step by step: connections, groups of messages, and what replies mean."""
