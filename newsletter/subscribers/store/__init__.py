"""The SQL of subscribers: one person, all readers, saved queries, import and export."""
