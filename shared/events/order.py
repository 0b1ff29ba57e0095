"""The order of a registration, as events tell it."""

from shared.events.base import Value


class OrderLine(Value):
    """One line of the order, in đồng. `vat_percent` null means "not subject to VAT", which is not 0%.

    The event's `package`, `users` and `storage_gb` say what the lines buy, including what the package
    includes.
    """

    item: str
    unit: str
    quantity: int
    unit_price: int
    vat_percent: int | None


class OrderedResources(Value):
    """What an order gives, with what the package includes. `storage_gb` null: what the package includes."""

    package: str
    package_name: str
    users: int
    storage_gb: int | None
