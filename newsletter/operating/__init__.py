"""Operating: migrations, switches, the embedded parts, doctor. Knows nothing of papers or mails."""
