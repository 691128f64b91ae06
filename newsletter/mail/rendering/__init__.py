"""Renders digests and notices: templates compiled once, cards cached, the pieces joined to the parts of a mail."""
