"""Parts that die, and a printer that is quick: for tests of what a death leaves behind."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.renewal.render.content import ContractContent, FormContent


class Died(Exception):
    """Stands for a SIGKILL: nothing after it runs."""


class Printer:
    """Renders a content as its own JSON."""

    async def form(self, content: FormContent) -> bytes:
        return content.model_dump_json().encode()

    async def contract(self, content: ContractContent) -> bytes:
        return content.model_dump_json().encode()


class Dying:
    """Passes calls on to `part`; the first call of `method` dies before or after it."""

    def __init__(self, part: Any, method: str, when: str) -> None:
        self._part, self._method, self._when = part, method, when

    def __getattr__(self, name: str) -> Any:
        call: Callable[..., Any] = getattr(self._part, name)
        return self._dies(call) if name == self._method else call

    def _dies(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def once(*args: Any, **kwargs: Any) -> Any:
            self._method = "none"
            if self._when == "after":
                await call(*args, **kwargs)
            raise Died

        return once


class Before:
    """Passes calls on to `part`; before the first call of `method`, something else happens."""

    def __init__(self, part: Any, method: str, happens: Callable[[], Awaitable[None]]) -> None:
        self._part, self._method, self._happens = part, method, happens

    def __getattr__(self, name: str) -> Any:
        call: Callable[..., Any] = getattr(self._part, name)
        return self._late(call) if name == self._method else call

    def _late(self, call: Callable[..., Any]) -> Callable[..., Any]:
        async def later(*args: Any, **kwargs: Any) -> Any:
            self._method = "none"
            await self._happens()
            return await call(*args, **kwargs)

        return later
