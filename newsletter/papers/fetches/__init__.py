"""The record of fetches, and the slots that keep requests to an outside service apart over all machines."""
