"""The order: its lines, VAT a line, and totals. Amounts in đồng."""

from pydantic import Field

from services.renewal.domain.catalogue import Package
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.text import Item


class Line(Frozen):
    """`vat_percent` null means that the line is not subject to VAT, which isn't the same as 0%."""

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
        """Rounded half up, a line at a time, as invoices do."""
        return (self.net * (self.vat_percent or 0) + 50) // 100

    @property
    def total(self) -> int:
        return self.net + self.vat


class Order(Frozen):
    """What is ordered. `users` is how many may use the product afterwards, included ones counted."""

    package: str
    package_name: Item
    years: int
    users: int
    lines: tuple[Line, ...] = Field(min_length=1, max_length=50)

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)

    @property
    def vat(self) -> int:
        return sum(line.vat for line in self.lines)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)


def order(package: Package, years: int, users: int) -> Order:
    """`years` of `package` for `users`; those beyond the included ones are a line of their own."""
    lines = [_line(package, package.name, "năm", years, package.price_vnd)]
    if (extra := users - package.included_users) > 0:
        item = f"Người dùng thêm ({extra} người dùng × {years} năm)"
        lines.append(_line(package, item, "người dùng/năm", extra * years, package.extra_user_vnd))
    return Order(
        package=package.code,
        package_name=package.name,
        years=years,
        users=max(users, package.included_users),
        lines=tuple(lines),
    )


def _line(package: Package, item: str, unit: str, quantity: int, price: int) -> Line:
    return Line(item=item, unit=unit, quantity=quantity, unit_price=price, vat_percent=package.vat_percent)
