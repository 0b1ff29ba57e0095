"""Layouts of banks' tables: which column holds what, by the bank's short name."""

from typing import Annotated

from pydantic import StringConstraints

from services.renewal.payment.statements.columns import ColumnMapping
from shared import ids
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.store import Store

LayoutName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]{0,39}$")]


class StatementLayout(State):
    """`columns`: a ColumnMapping, as JSON."""

    name: str
    columns: str


class StatementLayouts:
    def __init__(self, store: Store[StatementLayout]) -> None:
        self._store = store

    async def columns(self, name: str) -> ColumnMapping | None:
        stored = await self._store.load(_id(name))
        return ColumnMapping.model_validate_json(stored.state.columns) if stored else None

    async def all(self) -> list[StatementLayout]:
        """By their names."""
        return sorted(await self._store.states({}), key=lambda layout: layout.name.casefold())

    async def define(self, name: str, columns: ColumnMapping, cause: Cause) -> None:
        """The last one counts."""
        layout = StatementLayout(name=name, columns=columns.model_dump_json())
        await self._store.change(_id(name), lambda _: Decision(layout), cause)


def _id(name: str) -> str:
    return str(ids.derived("statement-layout", name.casefold()))
