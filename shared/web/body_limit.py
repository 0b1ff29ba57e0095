"""Refuses request bodies that are too large, before they fill the memory, and bodies that do not arrive."""

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
"""The longest time for a whole body: enough for 20 MB over a slow line, not for one byte every half
minute."""


class BodyLimit:
    """ASGI middleware: answers 413 as soon as more than `largest` bytes have come, whatever the headers say,
    and 408 if the rest does not come.

    The limit is small, because a body is parsed before its sender is known. `larger` gives larger limits for
    paths (`/v1/a/{id}/b`) that authenticate the sender first.
    """

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST, larger: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._app = app
        self._largest = largest
        self._larger = {_pattern(path): most for path, most in larger.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, whole = 0, False
        largest = self._limit_of(scope.get("path", ""))
        loop = asyncio.get_running_loop()
        end = loop.time() + WHOLE_SECONDS

        async def receive_bounded() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(min(end, loop.time() + PAUSE_SECONDS)):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > largest:
                raise HTTPException(413)
            return message

        await self._app(scope, receive_bounded if scope["type"] == "http" else receive, send)

    def _limit_of(self, path: str) -> int:
        limits = (most for pattern, most in self._larger.items() if pattern.fullmatch(path))
        return next(limits, self._largest)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split(r"{\w+}", path))))


async def whole_body(request: Request, most: int) -> bytes:
    """The request's body. Raises a 413 problem as soon as it has more than `most` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large(most)
    return bytes(body)


def too_large(most: int) -> Problem:
    return Problem(413, "too-large", TITLES["too-large"].fill(megabytes=most >> 20))
