"""Polite clients of outside services: one request, its repetition, and its place in the queue of all processes."""
