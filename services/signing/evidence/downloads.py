"""Fetches from the few hosts that the settings name, within limits of time and size."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import httpx

_PORTS = {"http": 80, "https": 443}
_NONE: Mapping[str, str] = MappingProxyType({})


class NoAnswer(Exception):
    """Nothing usable came. The text says why, without the address: it is for our logs."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """`hosts`: names as in URLs, with the port where it isn't the scheme's own. `seconds` are for one request
    with its answer. The client must follow no redirect: it could lead to any host."""

    client: httpx.AsyncClient
    hosts: frozenset[str]
    seconds: float

    def allowed(self, urls: Iterable[str]) -> str | None:
        """The first URL whose host may be asked."""
        return next((url for url in urls if self._may_ask(url)), None)

    async def get(self, url: str, *, limit: int) -> bytes:
        """The body of at most `limit` bytes. Raises NoAnswer."""
        return await self._fetch("GET", url, limit)

    async def post(self, url: str, content: bytes, media_type: str, *, limit: int) -> bytes:
        """The body of the answer, of at most `limit` bytes. Raises NoAnswer."""
        return await self._fetch("POST", url, limit, content, {"content-type": media_type})

    async def _fetch(
        self, method: str, url: str, limit: int, content: bytes = b"", headers: Mapping[str, str] = _NONE
    ) -> bytes:
        plain = {"accept-encoding": "identity"}  # a packed body could grow without limit
        try:
            request = self.client.build_request(method, url, content=content, headers={**headers, **plain})
            async with asyncio.timeout(self.seconds):
                return await self._read(request, limit)
        except (TimeoutError, ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(type(error).__name__) from None

    async def _read(self, request: httpx.Request, limit: int) -> bytes:
        response = await self.client.send(request, stream=True)
        try:
            if response.status_code != httpx.codes.OK:
                raise NoAnswer(f"status {response.status_code}")
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > limit:
                    raise NoAnswer(f"more than {limit} bytes")
            return bytes(body)
        finally:
            await response.aclose()

    def _may_ask(self, url: str) -> bool:
        try:
            return host_of(url) in self.hosts
        except ValueError:
            return False


def host_of(url: str) -> str:
    """The host as the settings name it. Raises ValueError for a URL that isn't plain HTTP(S)."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError("not a URL") from error
    if parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo:
        raise ValueError("not a plain HTTP address")
    port = parsed.port or _PORTS[parsed.scheme]
    return parsed.host if port == _PORTS[parsed.scheme] else f"{parsed.host}:{port}"
