"""The fire suite: a scenario a module, and an oracle that reads nothing but the mail server's journal."""
