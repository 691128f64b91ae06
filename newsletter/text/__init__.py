"""Pure work on texts that several stages need: scripts, characters, sentences, identifiers in texts, TeX."""
