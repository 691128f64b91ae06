"""Who may edit the collection."""
