"""The lines of a history about money: what the databases and the log hold of it at rest. Amounts in đồng."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from tests.faults.line import Line


class StoredStatement(Line):
    """An uploaded statement. `known` of its `lines` were in an earlier one."""

    kind: Literal["statement"] = "statement"
    id: str
    phase: str
    lines: int = 0
    known: int = 0


class StoredBankLine(Line):
    """A line of the bank, first read in `statement`. `shares`: what it pays of which registration by the
    decision of `decided_at`."""

    kind: Literal["bank_line"] = "bank_line"
    id: str
    statement: str
    status: str
    amount: int
    decided_at: datetime | None = None
    shares: dict[str, int] = Field(default_factory=dict)


class StoredReceipt(Line):
    """Money received for a registration. `counts`: it isn't reversed. `line`: the bank's line that says so,
    by the decision of `decided_at`; None for what a clerk recorded."""

    kind: Literal["receipt"] = "receipt"
    id: str
    renewal: str
    amount: int
    counts: bool
    line: str | None = None
    decided_at: datetime | None = None


class ToldReceipt(Line):
    """The event `event` tells a receipt, or its reversal. `paid` of `total` counts after it."""

    kind: Literal["told_receipt"] = "told_receipt"
    event: str
    renewal: str
    receipt: str
    reversed: bool
    amount: int
    paid: int
    total: int


class FormProducts(Line):
    """`products` stand on one form, by their registrations; the first one, `form`, leads."""

    kind: Literal["form_products"] = "form_products"
    form: str
    products: tuple[str, ...]


class StoredAllocation(Line):
    """How the desk allocated a part payment of the form, by the products' registrations."""

    kind: Literal["allocation"] = "allocation"
    form: str
    shares: dict[str, int]


class ToldShare(Line):
    """The event `event` tells one product of a form, after a receipt, a reversal or an allocation: `paid` of
    its `total` counts for it."""

    kind: Literal["told_share"] = "told_share"
    event: str
    renewal: str
    receipt: str
    reversed: bool
    paid: int
    total: int


class ToldGrant(Line):
    """The platform is asked for the full resources of a registration's contract."""

    kind: Literal["told_grant"] = "told_grant"
    subscription: str
    contract: str


class KnownPayment(Line):
    """What another service knows of a registration whose contract is awaited: all is `paid`, or not."""

    kind: Literal["known_payment"] = "known_payment"
    service: str
    renewal: str
    paid: bool


class ToldInvoiceRequest(Line):
    kind: Literal["told_invoice"] = "told_invoice"
    event: str
    renewal: str
    revision: int


class GrantedAccess(Line):
    """What a subscription grants on `today`: by its term until `full_until`, for `contracts` of
    registrations, and beyond it until `temporary_until`."""

    kind: Literal["granted"] = "granted"
    subscription: str
    today: date
    full_until: date
    temporary_until: date | None = None
    contracts: tuple[str, ...] = ()


class AccessCause(Line):
    """What the log says that gives a subscription access, until that day at most. `contract`: the
    registration whose contract is sealed, which gives a term."""

    kind: Literal["cause"] = "cause"
    subscription: str
    why: str
    until: date | None = None
    contract: str | None = None


MoneyLine = (
    StoredStatement
    | StoredBankLine
    | StoredReceipt
    | ToldReceipt
    | FormProducts
    | StoredAllocation
    | ToldShare
    | ToldGrant
    | KnownPayment
    | ToldInvoiceRequest
    | GrantedAccess
    | AccessCause
)
