"""Refuses request bodies that are larger than any we take, before they fill the memory, or don't come."""

import asyncio
import re
from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.problems import TITLES, Problem

LARGEST = 256 * 1024
PAUSE_SECONDS = 30.0
"""The longest wait for the next part of a body."""
WHOLE_SECONDS = 600.0
"""The longest for all of it: 20 MB from an office with a slow line, not a byte every half minute."""


class BodyLimit:
    """ASGI middleware: 413 as soon as `largest` bytes have come, whatever the headers promised; 408 where the
    rest doesn't come.

    Small, because a body is parsed before its sender is known. `larger` names the paths that take more
    (`/v1/a/{id}/b`) and look at who asks first.
    """

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST, larger: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._app = app
        self._largest = largest
        self._larger = {_pattern(path): most for path, most in larger.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken, whole = 0, False
        largest = self._most(scope.get("path", ""))
        loop = asyncio.get_running_loop()
        end = loop.time() + WHOLE_SECONDS

        async def counted() -> Message:
            nonlocal taken, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(min(end, loop.time() + PAUSE_SECONDS)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > largest:
                raise HTTPException(413)
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)

    def _most(self, path: str) -> int:
        return next((most for named, most in self._larger.items() if named.fullmatch(path)), self._largest)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split(r"{\w+}", path))))


async def whole_body(request: Request, most: int) -> bytes:
    """The request's body, given up with a 413 problem as soon as it has more than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large(most)
    return bytes(body)


def too_large(most: int) -> Problem:
    return Problem(413, "too-large", TITLES["too-large"].fill(megabytes=most >> 20))
