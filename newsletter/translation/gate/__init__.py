"""The gate: whether a translation may be published, with reasons. Pure."""
