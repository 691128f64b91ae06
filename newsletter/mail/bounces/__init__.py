"""What comes back of mails: read from messages, mailboxes, an LMTP port and calls of providers; what follows is not decided."""
