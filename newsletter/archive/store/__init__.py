"""The SQL of published lists: the lists with their blocks, and what each import stored."""
