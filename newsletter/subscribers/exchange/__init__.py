"""Subscribers as CSV: import of lists that operators have, export of ours. No mail is planned, and nobody is revived."""

from newsletter.subscribers.exchange.exporting import export_csv
from newsletter.subscribers.exchange.importing import ImportReport, import_csv
from newsletter.subscribers.exchange.reading import decode

__all__ = ["ImportReport", "decode", "export_csv", "import_csv"]
