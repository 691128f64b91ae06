"""The SQLAlchemy tables by concern. Importing a module registers its tables; `newsletter.tables` registers all."""

from newsletter.tables import collection, deliveries, lists, operating, papers, subscribers, translations

__all__ = ["collection", "deliveries", "lists", "operating", "papers", "subscribers", "translations"]
