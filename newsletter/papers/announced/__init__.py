"""What the announcement feeds showed the last time, and the exact days they gave to stored papers."""
