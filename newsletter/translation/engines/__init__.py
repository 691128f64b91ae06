"""The engines: one small protocol, and an adapter for each service."""
