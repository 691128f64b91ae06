"""Search over titles and abstracts in every language that is stored."""
