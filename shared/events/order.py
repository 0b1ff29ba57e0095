"""The order of a registration and how it is paid, as events tell it."""

from datetime import date
from enum import StrEnum

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


class TransferDetails(Value):
    """The bank transfer that pays a registration. `amount` in đồng. `memo` is the order code, which the
    office writes as the transfer's content. `due_on` is the last day to pay.

    `vietqr` is the text of a QR code with all of it; None where the vendor's bank has no number at NAPAS.
    """

    bank: str
    account: str
    holder: str
    amount: int
    memo: str
    vietqr: str | None
    due_on: date | None = None


class FullGrant(StrEnum):
    """From when an office may use fully what its contract grants: from the contract, or from the payment."""

    AT_CONTRACT = "at_contract"
    AT_PAYMENT = "at_payment"
