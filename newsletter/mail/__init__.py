"""Mail: rendering, messages, SMTP, the ledger of deliveries and the local inbox. Knows nothing of topics or engines."""
