"""Reads what people type about an invoice. Errors are by field, in the visitor's language."""

import re
from collections.abc import Mapping

from pydantic import ValidationError

from services.renewal.domain.invoice.issued_invoice import InvoiceEntry
from services.renewal.domain.invoice.requested_invoice import InvoiceDetails, RequestedInvoice
from services.renewal.domain.refusal import RenewalError
from services.renewal.pages.reasons import read as read_text
from services.renewal.texts import REFUSALS
from shared.resilience.errors import KeyReused
from shared.text.characters import visible
from shared.text.days import read_day
from shared.text.i18n import Text
from shared.web.pages.words import PageWords

DETAILS = ("name", "tax_code", "budget_code", "address", "email", "phone", "wanted_on")
ENTRY = ("kind", "symbol", "number", "dated", "total", "lookup_code", "lookup_url", "reason")
WHOLE = "page"
"""The key of an error that is about no single field."""
_TOTAL = re.compile(r"-?\d{1,3}(?:([.,\s])\d{3}(?:\1\d{3})*)?|-?\d+", re.ASCII)
_LONGEST = 40


class InvalidInvoice(Exception):
    """The form can't be accepted: what is wrong, by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def typed_details(invoice: RequestedInvoice) -> dict[str, str]:
    """The request as the form shows it at first."""
    texts = {name: getattr(invoice.buyer, name) or "" for name in DETAILS[:-1]}
    return texts | {"wanted_on": f"{invoice.wanted_on:%d/%m/%Y}" if invoice.wanted_on else ""}


def read_details(typed: Mapping[str, str], words: PageWords) -> InvoiceDetails:
    errors: dict[str, str] = {}
    wanted = _day(typed["wanted_on"], "wanted_on", words, errors) if typed["wanted_on"] else None
    texts = {name: typed[name] or None for name in DETAILS[:-1]}
    try:
        details = InvoiceDetails.model_validate(texts | {"wanted_on": wanted})
    except ValidationError as error:
        raise InvalidInvoice(_field_errors(error, words) | errors) from None
    if errors:
        raise InvalidInvoice(errors)
    return details


def read_entry(typed: Mapping[str, str], revision: int, words: PageWords) -> InvoiceEntry:
    """`revision`: the revision of the request that the clerk saw."""
    errors: dict[str, str] = {}
    read = {
        "dated": _day(typed["dated"], "dated", words, errors),
        "total": _total(typed["total"], words, errors),
        "request_revision": revision or None,
    }
    try:
        entry = InvoiceEntry.model_validate({**typed, **read})
    except ValidationError as error:
        raise InvalidInvoice(_field_errors(error, words) | errors) from None
    return entry


def read_reason(typed: str, words: PageWords) -> str:
    reason, wrong = read_text(typed, "transfer.reason_empty", words)
    if wrong:
        raise InvalidInvoice({"reason": wrong})
    return reason


def refusal_errors(error: Exception, words: PageWords) -> Mapping[str, str]:
    """What the page shows for an error of `read_…` or of the service."""
    match error:
        case InvalidInvoice():
            return error.errors
        case KeyReused():
            return {WHOLE: words.pick(REFUSALS["invoice-moved"][1])}
        case RenewalError() if error.errors:
            return {each.pointer.rpartition("/")[2]: words.pick(each.message) for each in error.errors}
        case RenewalError():
            return {WHOLE: words.pick(REFUSALS[error.name][1])}
    raise error


def _day(typed: str, name: str, words: PageWords, errors: dict[str, str]) -> object:
    day = read_day(typed) if len(typed) <= _LONGEST else None
    if day is None:
        errors[name] = words("transfer.day_wrong")
    return day


def _total(typed: str, words: PageWords, errors: dict[str, str]) -> object:
    text = visible(typed)
    if len(typed) > _LONGEST or not _TOTAL.fullmatch(text):
        errors["total"] = words("transfer.amount_wrong")
        return None
    return int(re.sub(r"[.,\s]", "", text))


def _field_errors(error: ValidationError, words: PageWords) -> dict[str, str]:
    """The first error of each field. One without a text of ours is about a field that is empty."""
    found: dict[str, str] = {}
    for each in error.errors(include_input=False, include_url=False):
        context = each.get("ctx", {})
        text = words.pick(Text(context["vi"], context["en"])) if "vi" in context else words("invoice.empty")
        found.setdefault(str(each["loc"][0]) if each["loc"] else "tax_code", text)
    return found
