"""The query language: what it is (syntax), how it is read (reading) and how many queries are matched at once (matching). Pure."""
