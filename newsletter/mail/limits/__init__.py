"""Limits that all processes of an installation keep together: mails a second, in all and by domain, and connections."""
