"""Which requests come from a web page that may ask: the headers Host and Origin."""

import re

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_PORT = r"(?::(?P<port>[1-9][0-9]{0,4}))?"
_ORIGIN = re.compile(
    rf"https://(?P<host>{_LABEL}(?:\.{_LABEL})*){_PORT}|http://(?:127\.0\.0\.1|localhost)(?::(?P<local>[1-9][0-9]{{0,4}}))?"
)
_LONGEST = 280


def is_origin(text: str) -> bool:
    """Whether `text` is an origin as browsers write it: https, or http of this computer (development).

    Browsers write names that are not ASCII in punycode, so a look-alike letter never gets here as itself.
    """
    found = _ORIGIN.fullmatch(text) if len(text) <= _LONGEST else None
    return found is not None and int(found["port"] or found["local"] or 1) <= 65535


def is_own_host(host: str, port: int) -> bool:
    """Whether the request was for this computer by its own name. A foreign name that resolves to it (DNS
    rebinding) is not."""
    return host in (f"127.0.0.1:{port}", f"localhost:{port}")
