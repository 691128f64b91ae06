"""Who reads, all of them at once: for planning, for what is translated, for what is published."""
