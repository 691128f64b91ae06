"""Subscribers: sign-up, confirmation, preferences, leaving, consent, signed links, import and export."""
