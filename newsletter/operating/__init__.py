"""Operating: migrations, shared state, the embedded parts, doctor. Knows nothing of papers or mails."""
