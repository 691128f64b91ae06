"""The SQL of ranking, a module a table group."""
