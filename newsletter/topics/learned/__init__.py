"""Learned topics: a linear model for each, what it reads of a paper, how it is trained. Pure but for the files beside it."""
