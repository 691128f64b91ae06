"""The pages of the collection's editors."""
