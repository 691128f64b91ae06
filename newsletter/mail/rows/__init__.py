"""Rows of the ledger: which of them a statement means, and how one becomes a value."""
