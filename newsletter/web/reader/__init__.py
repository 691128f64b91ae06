"""Pages that a link in a mail opens: confirm, preferences, pause, unsubscribe, feedback."""
