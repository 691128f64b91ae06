"""Pages for publication, written from values. Pure."""
