"""An invoice as the e-invoice system issued it."""

import re
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.money import LIMIT
from services.renewal.domain.registration.rules import broken
from shared.events.base import DocumentRef
from shared.text.characters import code, visible
from shared.text.names import Item, required_text

_SYMBOL = re.compile(r"[1-9][CK]\d{2}[A-Z]{3}", re.ASCII)
_NUMBER = re.compile(r"0*([1-9]\d{0,7})", re.ASCII)
_URL = re.compile(r"https?://[^\s<>\"'\\]{1,490}")

InvoiceKind = Literal["original", "adjustment", "replacement"]


def _symbol(value: str) -> str:
    """`1C26TAA`: the kind of invoice, with (C) or without (K) a code of the tax authority, the year, and
    three letters."""
    found = code(value).upper()
    if not _SYMBOL.fullmatch(found):
        raise broken("invoice_symbol_format")
    return found


def _number(value: str) -> str:
    """1 to 8 digits, without leading zeros: systems print the same number with and without them."""
    found = _NUMBER.fullmatch(code(value))
    if not found:
        raise broken("invoice_number_format")
    return found[1]


def _url(value: str) -> str:
    found = visible(value)
    if found and not _URL.fullmatch(found):
        raise broken("invoice_url_format")
    return found


class InvoiceEntry(Frozen):
    """What a clerk or the e-invoice system records about an invoice. `total` in đồng; that of an adjustment
    is the difference. `request_revision`: the revision of the request on which it was issued, if known.
    `reason`: why the invoice before it was adjusted or replaced."""

    kind: InvoiceKind = "original"
    symbol: Annotated[str, AfterValidator(_symbol)]
    number: Annotated[str, AfterValidator(_number)]
    dated: date
    lookup_code: Annotated[str, AfterValidator(required_text(100))] | Literal[""] = ""
    lookup_url: Annotated[str, AfterValidator(_url)] = ""
    total: Annotated[int, Field(ge=-LIMIT, le=LIMIT, strict=True)]
    request_revision: int | None = Field(default=None, ge=1, le=1_000_000)
    reason: Item | Literal[""] = ""


class IssuedInvoice(InvoiceEntry):
    """`recorded_by` is the subject of a token. `files`: its PDF and XML, as they came."""

    id: UUID
    files: tuple[DocumentRef, ...] = ()
    recorded_by: str
    recorded_at: datetime

    @property
    def name(self) -> str:
        """`1C26TAA-123`, as files are named by it."""
        return f"{self.symbol}-{self.number}"

    def is_same(self, entry: InvoiceEntry) -> bool:
        """Whether `entry` records this invoice again."""
        return InvoiceEntry.model_validate(self.model_dump(include=set(InvoiceEntry.model_fields))) == entry
