"""What an operator is to do about a mail server that refuses us, by the words of the refusal. Pure."""

from __future__ import annotations

LOGIN = "check user and password in SMTP_URL"
# From Python 3.13 on certificates are held to RFC 5280, which whoever makes an authority of their own often misses
# (https://docs.python.org/3.13/library/ssl.html#ssl.create_default_context); these are the words of OpenSSL's X509_V_ERR_….
BY_THE_BOOK = (
    "have the certificate of the mail server, or of its authority, made anew as RFC 5280 asks, which Python 3.13 holds it to"
)
NOT_BY_THE_BOOK = ("key identifier", "basic constraints", "key usage", "path length", "name empty", "name extension", "x509v3")

# The first that fits; words of the server's, of the system's and of OpenSSL's.
MENDS = {
    "certificate has expired": "have the mail server's certificate renewed, or set this machine's clock",
    "certificate is not yet valid": "set this machine's clock, or have the mail server's certificate mended",
    "hostname mismatch": "give the host in SMTP_URL by the name in its certificate",
    "ip address mismatch": "give the host in SMTP_URL by the name in its certificate, not by its address",
    "self-signed": "have the mail server get a certificate of a known authority, or name its own one in SSL_CERT_FILE",
    "self signed": "have the mail server get a certificate of a known authority, or name its own one in SSL_CERT_FILE",
    **dict.fromkeys(NOT_BY_THE_BOOK, BY_THE_BOOK),
    "certificate": "have the mail server show its whole chain, or name its authority in SSL_CERT_FILE",
    "wrong version number": "smtps:// is for port 465, smtp:// for 587 and 25: check scheme and port in SMTP_URL",
    "starttls": "the mail server offers no TLS, and a login must not go in the clear: use another port, or smtps://",
    "no answer in time": "it says nothing: smtps:// is for port 465, smtp:// for 587 and 25; else look for a firewall",
    "auth": LOGIN,
}
# https://www.rfc-editor.org/rfc/rfc4954#section-6: no login, or not a good one. The next mail would fare no better.
LOGIN_CODES = (530, 534, 535, 538)


def mend_of(words: str, code: int = 0) -> str:
    """What the refusal in ``words`` asks for; ``code`` is that of the server's reply, 0 for none."""
    if code in LOGIN_CODES:
        return LOGIN
    return next((mend for mark, mend in MENDS.items() if mark in words.lower()), "check host, port and login in SMTP_URL")
