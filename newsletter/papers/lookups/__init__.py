"""Which papers an outside service is asked about, and what it told."""
