"""The origins (scheme, host and port) from whose pages a request may come."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from starlette.requests import Request

_PORTS = {"http": 80, "https": 443}
Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Origins:
    """`secure`: our origin is https, also where a proxy ends TLS and forwards plain http. `platforms`: the
    origins whose pages may sign people in here."""

    secure: bool
    platforms: frozenset[Origin]

    @classmethod
    def read(cls, named: str, *, secure: bool) -> Self:
        """`named`: the platforms' origins, with commas between. Raises ValueError for one that is no
        origin."""
        return cls(secure, frozenset(_all(filter(None, map(str.strip, named.split(","))))))

    def is_ours(self, request: Request) -> bool:
        """Whether the request comes from our own pages, or from something that isn't a browser."""
        origins = request.headers.getlist("origin")
        if not origins:
            return True
        scheme = "https" if self.secure else request.scope["scheme"]
        ours = parse(f"{scheme}://{request.headers.get('host', '')}")
        return ours is not None and [parse(each) for each in origins] == [ours]

    def is_platforms(self, request: Request) -> bool:
        origins = request.headers.getlist("origin")
        return len(origins) == 1 and parse(origins[0]) in self.platforms


def parse(text: str) -> Origin | None:
    """None for a text that is no origin: it has another scheme, a path or a user, is `null`, or can't be
    read."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    whole = f"{parts.scheme}://{parts.netloc}".casefold() == text.casefold()
    if not whole or parts.username is not None or not text.isascii() or not text.isprintable():
        return None
    return parts.scheme, parts.hostname.rstrip("."), _PORTS[parts.scheme] if port is None else port


def _all(named: Iterable[str]) -> Iterable[Origin]:
    for text in named:
        if (origin := parse(text.rstrip("/"))) is None:
            raise ValueError(f"{text!r} is no origin: https://HOST or https://HOST:PORT")
        yield origin
