"""What readers say of papers (more or less like this), and what is learnt from it for the order of their digests."""
