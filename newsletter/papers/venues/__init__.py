"""Papers of journals and venues, by their feeds; and telling that two records are one paper."""
