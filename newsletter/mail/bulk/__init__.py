"""Many rows into the ledger at once."""
