"""The formats of published lists: each is read into blocks that can be written back byte for byte. Pure but for the registry."""
