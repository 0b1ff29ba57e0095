"""The order: its lines, the VAT of each line, and the totals. Amounts are in đồng."""

from typing import Any

from pydantic import Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.catalogue import Package, Price
from services.renewal.domain.registration.declaration import OrderRequest
from shared.events.order import OrderedResources, OrderLine
from shared.text.names import Item


class PricedLine(Frozen):
    """A line of the order. `vat_percent` null: the line is not subject to VAT, which isn't the same as 0%."""

    item: Item
    unit: Item
    quantity: int = Field(ge=1)
    unit_price: int = Field(ge=0)
    vat_percent: int | None

    @property
    def net(self) -> int:
        return self.quantity * self.unit_price

    @property
    def vat(self) -> int:
        """The line's VAT, rounded half up. Invoices round each line by itself."""
        return (self.net * (self.vat_percent or 0) + 50) // 100

    @property
    def total(self) -> int:
        return self.net + self.vat


class Order(Frozen):
    """The order. `users` and `storage_gb` are the totals that it gives, with what the package includes
    (`storage_gb` null: registered before storage was sold)."""

    package: str
    package_name: Item
    years: int
    users: int
    storage_gb: int | None = None
    lines: tuple[PricedLine, ...] = Field(min_length=1, max_length=60)

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def vat(self) -> int:
        return sum(line.vat for line in self.lines)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def resources(self) -> OrderedResources:
        return OrderedResources(**self.model_dump(include=set(OrderedResources.model_fields)))

    @property
    def event_fields(self) -> dict[str, Any]:
        """The order as fields of an event: its lines, what they buy, and the total."""
        lines = tuple(OrderLine(**line.model_dump()) for line in self.lines)
        bought = self.model_dump(include={"package", "users", "storage_gb"})
        return {**bought, "lines": lines, "total_vnd": self.total}


def price_order(package: Package, wanted: OrderRequest) -> Order:
    """The order for `package`. Users and storage beyond what it includes ("mua thêm") get a line each."""
    users = max(wanted.users, package.included_users)
    storage = max(wanted.storage_gb or 0, package.included_storage_gb)
    more = [
        (package.extra_user, users - package.included_users),
        (package.extra_storage_gb, storage - package.included_storage_gb),
    ]
    lines = [_line(package.price, wanted.years, package.price.item)]
    lines += [_more(price, extra, wanted.years) for price, extra in more if price and extra > 0]
    return Order(
        package=package.code,
        package_name=package.name,
        years=wanted.years,
        users=users,
        storage_gb=storage,
        lines=tuple(lines),
    )


def _more(price: Price, extra: int, years: int) -> PricedLine:
    return _line(price, extra * years, f"{price.item} ({extra} × {years} năm)")


def _line(price: Price, quantity: int, item: str) -> PricedLine:
    return PricedLine(
        item=item, unit=price.unit, quantity=quantity, unit_price=price.vnd, vat_percent=price.vat_percent
    )
