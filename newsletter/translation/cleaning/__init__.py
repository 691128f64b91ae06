"""Takes off an answer what an engine put around or into it, before the gate judges it."""
