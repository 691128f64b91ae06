"""How many mails a second may leave, over all workers."""
