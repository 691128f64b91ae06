"""The matches of stored papers."""
