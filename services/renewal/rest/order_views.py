"""The JSON of an order."""

from typing import Self

from pydantic import BaseModel

from services.renewal.domain.registration.order import Order


class LineView(BaseModel):
    """A line of the order. Amounts are in đồng. `vat_percent` null: not subject to VAT."""

    item: str
    unit: str
    quantity: int
    unit_price: int
    vat_percent: int | None
    net: int


class OrderView(BaseModel):
    package: str
    years: int
    users: int
    storage_gb: int | None
    lines: list[LineView]
    net: int
    vat: int
    total: int

    @classmethod
    def of(cls, order: Order) -> Self:
        lines = [LineView(**line.model_dump(), net=line.net) for line in order.lines]
        return cls(
            package=order.package,
            years=order.years,
            users=order.users,
            storage_gb=order.storage_gb,
            lines=lines,
            net=order.net,
            vat=order.vat,
            total=order.total,
        )
