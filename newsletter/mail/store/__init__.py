"""The SQL of the ledger: planning and reading, leases, limits, bulk writing."""
