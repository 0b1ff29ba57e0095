"""The editions of documents that a catalogue's products need: the form that the office signs and its contract
say that full use begins with the payment."""

from datetime import date
from pathlib import Path

from services.renewal.domain.registration.catalogue import Catalogue
from services.renewal.render.content import contract_kind
from services.renewal.render.in_force import in_force
from services.renewal.render.renderer import TEMPLATES
from shared.events.order import FullGrant
from shared.runtime.settings import BadSettings

_SAYS_SO = "full_grant"
"""A form that prints it depends on this field of the registration."""


def check_editions(catalogue: Catalogue, templates: Path = TEMPLATES) -> Catalogue:
    """The catalogue. Raises BadSettings, to end the process, where a product grants at the payment and the
    form or the contract in force from its first day doesn't say so."""
    for edition in catalogue.editions:
        for product in edition.products:
            if product.full_grant is FullGrant.AT_PAYMENT:
                _check(product.code, product.line, edition.effective_from, templates)
    return catalogue


def _check(code: str, line: str, day: date, templates: Path) -> None:
    kind = contract_kind(FullGrant.AT_PAYMENT)
    try:
        in_force(templates, line, kind, day)
        form = in_force(templates, line, "form", day)
    except LookupError as missing:
        raise BadSettings(f"GIAHAN_CATALOGUE: {code} full_grant at_payment: {missing}") from None
    if _SAYS_SO not in (templates / form).read_text(encoding="utf-8"):
        raise BadSettings(f"GIAHAN_CATALOGUE: {code} full_grant at_payment: {form} doesn't say so")
