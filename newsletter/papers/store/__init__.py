"""The SQL of papers: papers and their numbers, matches, days, fetches, look-ups, batches of feeds."""
