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


class NotInTime(NoAnswer):
    """The request was made, and no answer came in time."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    body: bytes


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
        return _body(await self.exchange("GET", url, limit=limit))

    async def post(self, url: str, content: bytes, media_type: str, *, limit: int) -> bytes:
        """The body of the answer, of at most `limit` bytes. Raises NoAnswer."""
        return _body(await self.exchange("POST", url, content, {"content-type": media_type}, limit=limit))

    async def exchange(
        self,
        method: str,
        url: str,
        content: bytes = b"",
        headers: Mapping[str, str] = _NONE,
        *,
        limit: int,
    ) -> HttpAnswer:
        """The answer, whatever its status; a body of at most `limit` bytes. Raises NoAnswer."""
        plain = {"accept-encoding": "identity"}  # a packed body could grow without limit
        try:
            request = self.client.build_request(method, url, content=content, headers={**headers, **plain})
            async with asyncio.timeout(self.seconds):
                return await self._read(request, limit)
        except (TimeoutError, httpx.ReadTimeout) as error:
            raise NotInTime(type(error).__name__) from None
        except (ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(type(error).__name__) from None

    async def _read(self, request: httpx.Request, limit: int) -> HttpAnswer:
        response = await self.client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > limit:
                    raise NoAnswer(f"more than {limit} bytes")
            return HttpAnswer(response.status_code, bytes(body))
        finally:
            await response.aclose()

    def _may_ask(self, url: str) -> bool:
        try:
            return host_of(url) in self.hosts
        except ValueError:
            return False


def _body(answer: HttpAnswer) -> bytes:
    if answer.status != httpx.codes.OK:
        raise NoAnswer(f"status {answer.status}")
    return answer.body


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
