"""Checks the address to which a visitor is redirected: only our own pages are allowed."""

import re
from urllib.parse import quote, unquote

from services.renewal.pages.session import PATH

# A browser reads `\\` as `/` and `%2e` as a dot, and drops tabs and line ends. So an address must match
# strictly, or it isn't one of ours.
_LETTER = r"(?:[A-Za-z0-9._~!$'()*,;:@-]|%[0-9A-Fa-f]{2})"
_OURS = re.compile(
    rf"(?P<path>{PATH}(?:/{_LETTER}+)*/?)(?:\?(?:{_LETTER}|[/?=&+])*)?(?:#[A-Za-z0-9._-]*)?", re.ASCII
)
_LONGEST = 2000
_AS_TYPED = "/?:@!$&'()*+,;=~%#\\"


def own_path(asked: str) -> str:
    """`asked` if it is a path of these pages, with any query; else the path of the start page.

    Characters of the query that an address can't have are encoded: a platform may have decoded them on the
    way.
    """
    path, mark, query = asked[: _LONGEST + 1].partition("?")
    address = path + mark + quote(query, safe=_AS_TYPED, errors="replace")
    found = _OURS.fullmatch(address) if len(address) <= _LONGEST else None
    return address if found and all(map(_is_plain, found["path"].split("/"))) else PATH


def _is_plain(part: str) -> bool:
    """Whether the part of a path is neither `.` nor `..`, and has nothing that a browser would read as a
    slash or leave out."""
    read = unquote(part)
    return read not in (".", "..") and read.isprintable() and not set(read) & set("/\\")
