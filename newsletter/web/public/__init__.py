"""Pages for everybody: sign-up, archive, search, feeds, collection."""
