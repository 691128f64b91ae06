"""Subscribers as CSV: import of lists that operators have, export of ours. No mail is planned, and nobody is revived."""

from newsletter.subscribers.import_export.csv_rows import Reading
from newsletter.subscribers.import_export.decoding import decode, decoded
from newsletter.subscribers.import_export.exporting import export_csv
from newsletter.subscribers.import_export.importing import ImportReport, import_csv

__all__ = ["ImportReport", "Reading", "decode", "decoded", "export_csv", "import_csv"]
