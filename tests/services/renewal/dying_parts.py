"""Parts that die, and a quick renderer, for tests of what a death leaves behind."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from services.renewal.contract.number_allocation import ContractNumbers
from services.renewal.contract.preparation import ContractFactory
from services.renewal.domain.money import Dialect
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.registration.form_factory import FormFactory
from services.renewal.render.conditions import ConditionsArchive
from services.renewal.render.content import ContractContent, FormContent
from services.renewal.render.renderer import TEMPLATES
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.stores.receivables import Receivables
from shared.runtime.service import Service


class Died(Exception):
    """Simulates a SIGKILL: nothing after it runs."""


class Printer:
    """Renders a content as its own JSON."""

    async def form(self, content: FormContent) -> bytes:
        return content.model_dump_json().encode()

    async def contract(self, content: ContractContent) -> bytes:
        return content.model_dump_json().encode()


def quick_form_factory(service: Service) -> FormFactory:
    """A factory of forms without layout: each is the JSON of its content."""
    conditions = ConditionsArchive(TEMPLATES, "https://giahan.example/dk")
    receivables = Receivables(service.store("receivables", Receivable))
    printer: Any = Printer()
    return FormFactory(receivables, printer, service.documents, EXAMPLE_VENDOR, Dialect(), conditions)


def quick_contract_factory(service: Service, numbers: ContractNumbers) -> ContractFactory:
    """A factory of contracts without layout: each is the JSON of its content."""
    return ContractFactory(Printer(), service.documents, numbers, EXAMPLE_VENDOR, Dialect())  # type: ignore[arg-type]


class BeforeCall:
    """Delegates to `part`. Calls `happens` before the first call of `method`."""

    def __init__(self, part: Any, method: str, happens: Callable[[], Awaitable[None]]) -> None:
        self._part, self._method, self._happens = part, method, happens

    def __getattr__(self, name: str) -> Any:
        call: Callable[..., Any] = getattr(self._part, name)
        return partial(self._first, call) if name == self._method else call

    async def _first(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._method = "none"
        await self._happens()
        return await call(*args, **kwargs)


class DyingPart(BeforeCall):
    """Delegates to `part`. The first call of `method` raises Died before or after it (`when`)."""

    def __init__(self, part: Any, method: str, when: str) -> None:
        super().__init__(part, method, _die)
        self._when = when

    async def _first(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._when == "after":
            await call(*args, **kwargs)
        return await super()._first(call, *args, **kwargs)


async def _die() -> None:
    raise Died
