"""Changing nodes that stand, and taking changes back."""
