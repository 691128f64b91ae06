"""Translation: engines, protection of formulas and names, the gate, and the store of accepted results."""
