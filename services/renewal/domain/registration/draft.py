"""A draft: what an office has typed so far, exactly as typed. It has no effect elsewhere and no events."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.catalogue import Package, Product
from services.renewal.domain.registration.declaration import OFFICE_PART, OrderRequest
from services.renewal.domain.registration.form_fields import NAMES, pointer
from services.renewal.domain.registration.registration import Registration, latest_payment, term_errors
from services.renewal.domain.registration.term import new_term
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

_LONGEST = 1000
_OF_THE_DAY = ("payment.kind", "payment.on", "payment.committed", "invoice.wanted_on")


class Draft(State):
    """A draft. Each office has one per product. `fields` maps the form's inputs (`form_fields.NAMES`) to what
    was typed, errors included. `saved_by` is the subject of a person's token."""

    subscription_id: UUID
    office_ref: str
    product_code: str
    basis_expires_on: date
    fields: Mapping[str, str]
    saved_by: str
    saved_at: datetime


def begin(licence: LicenceCopy, product: Product, by: str, now: datetime) -> Decision[Draft]:
    """A new draft, prefilled from the licence, with the order that the office has now."""
    return Decision(
        Draft(
            subscription_id=licence.subscription_id,
            office_ref=licence.office_ref,
            product_code=licence.product_code,
            basis_expires_on=licence.expires_on,
            fields=_prefilled(licence, product, civil_date(now, licence.zone)),
            saved_by=by,
            saved_at=now,
        )
    )


def is_typed(draft: Draft, licence: LicenceCopy, product: Product) -> bool:
    """Whether the draft differs from a new one as it would have been on the day of the last save."""
    typed = {name: draft.fields.get(name, "") for name in NAMES}  # an older draft lacks newer inputs
    return typed != _prefilled(licence, product, civil_date(draft.saved_at, licence.zone))


def copy_registration(draft: Draft, registration: Registration, by: str, now: datetime) -> Decision[Draft]:
    """Fills the draft with what an earlier registration declared. The payment and the invoice's date stay as
    in the draft, because the earlier dates may be over."""
    stays = {name: value for name, value in draft.fields.items() if name in _OF_THE_DAY}
    return fill(draft, {**_declared(registration), **stays}, by, now)


def fill(draft: Draft, fields: Mapping[str, str], by: str, now: datetime) -> Decision[Draft]:
    """Replaces all fields by what was typed; a missing field becomes empty. Raises RenewalError for an
    unknown field, or a value that is too long or unprintable."""
    if errors := [error for name, value in fields.items() if (error := _unkeepable(name, value))]:
        raise RenewalError("registration-invalid", *errors)
    typed = {name: fields.get(name, "") for name in NAMES}
    return Decision(draft.model_copy(update={"fields": typed, "saved_by": by, "saved_at": now}))


def _unkeepable(name: str, value: str) -> InvalidField | None:
    """Why a value can't be saved. The form itself never sends such values, but other callers can, for example
    half characters (surrogates)."""
    if name not in NAMES:
        return InvalidField(pointer(name), "field_unknown")
    if len(value) > _LONGEST:
        return InvalidField(pointer(name), "too_long", {"most": _LONGEST})
    if half := re.search("[\ud800-\udfff]", value):
        return InvalidField(pointer(name), "unprintable", {"code": f"U+{ord(half.group()):04X}"})
    return None


def move_to_term(draft: Draft, licence: LicenceCopy) -> Decision[Draft]:
    """The expiry was corrected: the draft, with its fields as typed, is now for the term after that."""
    return Decision(draft.model_copy(update={"basis_expires_on": licence.expires_on}))


def _declared(registration: Registration) -> dict[str, str]:
    office = registration.office.model_dump()
    buyer = registration.invoice.buyer.model_dump() if registration.invoice.buyer else {}
    order = registration.order.model_dump(include=set(OrderRequest.model_fields))
    parts = {"office": office, "invoice.buyer": buyer, "order": order}
    typed = {f"{part}.{name}": value for part, named in parts.items() for name, value in named.items()}
    declared = {name: str(value) for name, value in typed.items() if value is not None}
    return declared | {"kind": registration.kind.value, "invoice.same": "" if buyer else "yes"}


def _prefilled(licence: LicenceCopy, product: Product, today: date) -> dict[str, str]:
    package = product.find(licence.package) or product.packages[0]
    office = {field.name: getattr(licence, field.name, None) or "" for field in OFFICE_PART.fields}
    known = {
        "kind": product.form_kind.value,
        **{f"office.{name}": value for name, value in office.items()},
        "invoice.same": "yes",
        "order.package": package.code,
        "order.years": str(_years(licence, product, today)),
        "order.users": str(_users(licence, product, package)),
        "order.storage_gb": str(_storage(licence, product, package)),
        "payment.kind": "promised",
        "payment.on": latest_payment(product, today).strftime("%d/%m/%Y"),
    }
    return {name: known.get(name, "") for name in NAMES}


def orders_what_is_in_use(licence: LicenceCopy, product: Product) -> bool:
    """Whether a new draft orders at least what the licence gives: its package is sold, with as many users and
    as much storage."""
    if (package := product.find(licence.package)) is None:
        return False
    has_users = _users(licence, product, package) >= (licence.users or 0)
    return has_users and _storage(licence, product, package) >= (licence.storage_gb or 0)


def _users(licence: LicenceCopy, product: Product, package: Package) -> int:
    """The users that the office pays for now, as far as they are on sale."""
    return min(max(licence.users or 0, package.included_users), product.most_users(package))


def _storage(licence: LicenceCopy, product: Product, package: Package) -> int:
    """The storage that the office pays for now, as far as it is on sale."""
    if package.extra_storage_gb is None:
        return package.included_storage_gb
    return max(package.included_storage_gb, min(licence.storage_gb or 0, product.max_storage_gb))


def _years(licence: LicenceCopy, product: Product, today: date) -> int:
    """One year, or as many as a term needs that counts from an old expiry and must not end before today."""
    for years in range(1, product.max_years):
        term = new_term(licence.expires_on, licence.stage, years, today, product.term)
        if not term_errors(term, today):
            return years
    return product.max_years
