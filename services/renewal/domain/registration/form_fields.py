"""Reads the form's inputs, as typed, into a declaration, and reports errors for each input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.declaration import (
    BUYER_PART,
    OFFICE_PART,
    Declaration,
    InvoiceRequest,
    Office,
    OrderRequest,
    Payment,
)
from services.renewal.domain.registration.rules import TEXTS
from shared.events.renewal import FormKind
from shared.text.characters import visible
from shared.text.days import read_day

M = TypeVar("M", bound=Frozen)

NAMES = (
    "kind",
    *OFFICE_PART.inputs,
    "invoice.same",
    *BUYER_PART.inputs,
    "invoice.wanted_on",
    *(f"order.{name}" for name in OrderRequest.model_fields),
    *(f"payment.{name}" for name in Payment.model_fields),
)
"""The form's inputs, in the form's order. A tick is "yes" or empty; a date is dd/mm/yyyy or yyyy-mm-dd."""

_NO_DAY = ""
"""A text that the model refuses as a date. Without it, pydantic would read `0` as a moment in 1970."""
_RULES = {
    "missing": "empty",
    "int_parsing": "not_a_number",
    "int_parsing_size": "not_a_number",
    "greater_than_equal": "too_few",
    "date_from_datetime_parsing": "not_a_day",
    "date_parsing": "not_a_day",
    "extra_forbidden": "field_unknown",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "string_too_long": "too_long",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The parts of the form that could be read (None where one has an error), and all errors."""

    kind: FormKind | None
    office: Office | None
    invoice: InvoiceRequest | None
    order: OrderRequest | None
    payment: Payment | None
    errors: tuple[InvalidField, ...]


def read(fields: Mapping[str, str]) -> Filled:
    typed = {name: visible(value) for name, value in fields.items()}
    errors: list[InvalidField] = []
    filled = Filled(
        kind=_kind(typed.get("kind", ""), errors),
        office=_part(Office, "office", _under(typed, "office"), errors),
        invoice=_part(InvoiceRequest, "invoice", _invoice(typed), errors),
        order=_part(OrderRequest, "order", _numbers(_under(typed, "order")), errors),
        payment=_part(Payment, "payment", _payment(typed), errors),
        errors=(),
    )
    errors.sort(key=lambda error: _place(error.pointer))
    return Filled(filled.kind, filled.office, filled.invoice, filled.order, filled.payment, tuple(errors))


def declaration(fields: Mapping[str, str]) -> Declaration:
    """The declaration that the fields make. Raises RenewalError with all errors."""
    filled = read(fields)
    if filled.errors:
        raise RenewalError("registration-invalid", *filled.errors)
    return declared(filled)


def declared(filled: Filled) -> Declaration:
    """The declaration. `filled` must have no errors."""
    parts = {"kind": filled.kind, "office": filled.office, "invoice": filled.invoice}
    return Declaration.model_validate({**parts, "order": filled.order, "payment": filled.payment})


def pointer(name: str) -> str:
    """The input's name as a JSON pointer. In an unknown name, characters outside ASCII become `?`."""
    return "/" + name.encode("ascii", "replace").decode().replace(".", "/")


def _kind(typed: str, errors: list[InvalidField]) -> FormKind | None:
    try:
        return FormKind(typed or FormKind.RENEWAL)
    except ValueError:
        errors.append(InvalidField("/kind", "not_a_choice"))
        return None


def _under(typed: Mapping[str, str], part: str) -> dict[str, Any]:
    """The part's inputs that aren't empty, without the part's name in front."""
    return {
        name.removeprefix(f"{part}."): value
        for name, value in typed.items()
        if value and name.startswith(f"{part}.")
    }


def _numbers(order: dict[str, Any]) -> dict[str, Any]:
    """Removes separators of thousands, which may be points or spaces: `1.000`."""
    return {
        name: value if name == "package" else re.sub(r"(?<=\d)[. \u00a0](?=\d{3}\b)", "", value)
        for name, value in order.items()
    }


def _invoice(typed: Mapping[str, str]) -> dict[str, Any]:
    same = typed.get("invoice.same") == "yes"
    invoice: dict[str, Any] = {} if same else {"buyer": _under(typed, "invoice.buyer")}
    if day := typed.get("invoice.wanted_on"):
        invoice["wanted_on"] = read_day(day) or _NO_DAY
    return invoice


def _payment(typed: Mapping[str, str]) -> dict[str, Any]:
    payment = _under(typed, "payment")
    payment["committed"] = payment.get("committed") == "yes"
    if day := payment.get("on"):
        payment["on"] = read_day(day) or _NO_DAY
    return payment


def _part(model: type[M], part: str, typed: dict[str, Any], errors: list[InvalidField]) -> M | None:
    try:
        return model.model_validate(typed)
    except ValidationError as error:
        errors.extend(_invalid_field(part, found) for found in error.errors(include_url=False))
        return None


def _invalid_field(part: str, found: ErrorDetails) -> InvalidField:
    place = pointer(".".join([part, *(str(step) for step in found["loc"])]))
    figures = {name: value for name, value in found.get("ctx", {}).items() if name not in ("en", "vi")}
    least = figures.get("ge", figures.get("max_length"))
    rule = _RULES.get(found["type"], found["type"])
    if rule == "buyer_code_missing":
        place += "/tax_code"
    if rule in ("too_few", "too_long") and least is not None:
        figures = {"least": least, "most": least}
    return InvalidField(place, rule if rule in TEXTS else "not_right", figures)


def _place(where: str) -> int:
    name = where[1:].replace("/", ".")
    return NAMES.index(name) if name in NAMES else len(NAMES)
