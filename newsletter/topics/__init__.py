"""Topics: the catalogue that people choose from, and which papers belong under its entries. Pure: no network, no database."""
