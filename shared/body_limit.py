"""Refuses request bodies that are larger than any we take, before they fill the memory."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 256 * 1024


class BodyLimit:
    """ASGI middleware: 413 as soon as `largest` bytes have come, whatever the headers promised.

    Small, because a body is parsed before its sender is known. `larger` names the paths that take more
    and look at who asks first.
    """

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST, larger: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._app = app
        self._largest = largest
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = 0
        largest = self._larger.get(scope.get("path", ""), self._largest)

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > largest:
                raise HTTPException(413)
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)
