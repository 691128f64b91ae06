"""What a reader likes: more or less like this, and the order of papers that follows from it. Pure but for its store."""
