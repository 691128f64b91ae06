"""Published lists of papers: read into blocks that can be written back exactly, and kept in the database with their order."""
