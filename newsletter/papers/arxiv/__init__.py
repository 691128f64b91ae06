"""arXiv: the query API and the announcement feeds."""
