"""Finds orders by their codes, whole or damaged, without a look at each order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from typing import Self
from uuid import UUID

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.payment.memo import CORE, CodeReading, read_alike
from shared.text.names import fold

_SHORTEST_PART = 4
_CLEAN_PART = 5
"""Orders whose codes begin with so many equal characters are told apart by nothing but the rest."""
_MOST_OF_AMOUNT = 5


class PayableOrder(Frozen):
    """What matching has to know of a registration: its order code, and what is open and paid, in đồng."""

    renewal_id: UUID
    code: str = Field(pattern=r"^GH[0-9A-HJKMNP-TV-Z]{8}$")
    open_amount: int = Field(ge=0)
    paid: int = Field(0, ge=0)
    tax_code: str = ""
    office_name: str = ""

    @property
    def core(self) -> str:
        """The code without its `GH`."""
        return self.code[2:]


class OrderIndex:
    """All orders that a payment may be for, those that are paid too. Built once for a statement.

    A code that a memo doesn't show clean is held against all codes here: leave none out.
    """

    def __init__(self, orders: dict[str, PayableOrder]) -> None:
        self._orders = orders
        self._parts: dict[str, list[str]] = defaultdict(list)
        self._without_one: dict[str, list[str]] = defaultdict(list)
        self._facts: dict[tuple[str, str | int], list[str]] = defaultdict(list)
        for core, order in orders.items():
            self._add(core, order)

    @classmethod
    def of(cls, orders: Iterable[PayableOrder]) -> Self:
        return cls({order.core: order for order in orders})

    def _add(self, core: str, order: PayableOrder) -> None:
        for length in range(_SHORTEST_PART, CORE):
            self._parts[f"{core[:length]}…"].append(core)
            self._parts[f"…{core[-length:]}"].append(core)
        for part in without_one(core):
            self._without_one[part].append(core)
        if order.open_amount:
            self._facts["amount", order.open_amount].append(core)
        if order.tax_code:
            self._facts["tax_code", read_alike(order.tax_code.replace("-", ""))].append(core)
        if name := fold(order.office_name):
            self._facts["name", name].append(core)

    def copy(self) -> "OrderIndex":
        """One whose payments leave this one as it is."""
        index = copy(self)
        index._orders = dict(self._orders)
        return index

    def pay(self, core: str, amount: int) -> None:
        """`amount` đồng came for an order since the index was built."""
        order = self._orders[core]
        self._orders[core] = order.model_copy(
            update={"open_amount": max(order.open_amount - amount, 0), "paid": order.paid + amount}
        )

    def get(self, core: str) -> PayableOrder | None:
        return self._orders.get(core)

    def order(self, core: str) -> PayableOrder:
        return self._orders[core]

    def beginning(self, part: str) -> Iterable[str]:
        """The codes that begin with `part`, four to seven characters."""
        return self._parts.get(f"{part}…", ())

    def ending(self, part: str) -> Iterable[str]:
        return self._parts.get(f"…{part}", ())

    def nearly(self, part: str) -> Iterable[str]:
        """The codes of which one character is lost, too much, wrong, or changed with its neighbour."""
        for less in without_one(part) if len(part) >= CORE else {part}:
            if less in self._orders:
                yield less
            yield from self._without_one.get(less, ())

    def of_payer(self, name: str) -> Iterable[str]:
        return self._facts.get(("name", fold(name)), ())

    def of_tax_code(self, tax_code: str) -> Iterable[str]:
        return self._facts.get(("tax_code", tax_code), ())

    def of_amount(self, amount: int) -> Iterable[str]:
        """The orders of which this amount is open; none where it is too common to tell anything."""
        found = self._facts.get(("amount", amount), ())
        return found if len(found) <= _MOST_OF_AMOUNT else ()

    def rivals(self, reading: CodeReading) -> Iterator[str]:
        """The orders whose code, cut and followed by other characters, could give the same reading."""
        core = reading.core
        unclean = reading.glued or reading.gaps
        places = {_SHORTEST_PART if reading.glued else _CLEAN_PART}
        places |= {gap for gap in reading.gaps if gap >= _SHORTEST_PART}
        parts = [self.beginning(core[: min(places)])]
        if unclean:
            parts += [self.ending(core[gap:]) for gap in reading.gaps if CORE - gap >= _SHORTEST_PART]
        for found in parts:
            yield from (each for each in found if each != core)


def without_one(core: str) -> set[str]:
    """`core` with each of its characters left out."""
    return {core[:at] + core[at + 1 :] for at in range(len(core))}
