"""Papers: where they come from, what they are called, their text and links, how they are stored. Nothing here knows a reader."""
