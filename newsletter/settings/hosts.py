"""What can be the name of a machine."""

from __future__ import annotations

import ipaddress
import re

# A name in the ASCII form of a domain, https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4: of labels of 63. Host names have
# no underscore, but those of compose files and DKIM selectors do.
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
LONGEST_HOST = 253


def is_host(text: str) -> bool:
    """True for an IP address, and for a name that can be one of a machine."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= LONGEST_HOST and _HOST.fullmatch(text) is not None
    return True
