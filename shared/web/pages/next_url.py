"""Checks the address to which a visitor is redirected: only our own pages are allowed."""

import re
from urllib.parse import quote, unquote

# A browser reads `\\` as `/` and `%2e` as a dot, and drops tabs and line ends. So an address must match
# strictly, or it isn't one of ours.
_LETTER = r"(?:[A-Za-z0-9._~!$'()*,;:@-]|%[0-9A-Fa-f]{2})"
_LOCAL = re.compile(
    rf"(?P<path>(?:/{_LETTER}+)+/?)(?:\?(?:{_LETTER}|[/?=&+])*)?(?:#[A-Za-z0-9._-]*)?", re.ASCII
)
_LONGEST = 2000
_AS_TYPED = "/?:@!$&'()*+,;=~%#\\"


def own_path(requested: str, root: str) -> str:
    """`requested` if it is a path at or below `root`, with any query; else `root`.

    Characters of the query that an address can't have are encoded: a platform may have decoded them on the
    way.
    """
    path, mark, query = requested[: _LONGEST + 1].partition("?")
    address = path + mark + quote(query, safe=_AS_TYPED, errors="replace")
    found = _LOCAL.fullmatch(address) if len(address) <= _LONGEST else None
    is_ours = found and f"{found['path']}/".startswith(f"{root}/")
    return address if found and is_ours and all(map(_is_plain, found["path"].split("/"))) else root


def _is_plain(part: str) -> bool:
    """Whether the part of a path is neither `.` nor `..`, and has nothing that a browser would read as a
    slash or leave out."""
    read = unquote(part)
    return read not in (".", "..") and read.isprintable() and not set(read) & set("/\\")
