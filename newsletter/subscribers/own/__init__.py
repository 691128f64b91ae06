"""Own queries of subscribers: who has which, kept once for all who have the same."""
