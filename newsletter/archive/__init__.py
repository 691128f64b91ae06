"""Daily lists: their pages read in and published again, our own days as such pages, and feeds."""
