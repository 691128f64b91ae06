"""The frozen values that travel between stages. No session, no I/O, no outside library in them."""
