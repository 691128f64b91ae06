"""The SQL of the collection: nodes, their rows and history, editors."""
