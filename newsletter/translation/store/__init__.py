"""The SQL of translations: accepted texts, and what engines were asked."""
