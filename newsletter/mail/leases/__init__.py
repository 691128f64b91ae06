"""The lease side of the ledger: claim, mark, settle, sweep."""
