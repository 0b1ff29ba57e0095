"""The editions of documents that a catalogue's products need: the form that the office signs and its contract
say that full use begins with the payment, or that one contract is over several products."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.renewal.domain.registration.catalogue import Catalogue, ContractNumbering, Product
from services.renewal.render.content import JOINT_CONTRACT, contract_kind
from services.renewal.render.in_force import in_force
from services.renewal.render.renderer import TEMPLATES
from shared.events.order import FullGrant
from shared.runtime.settings import BadSettings

_SAYS_SO = {"form": "full_grant", "joint": "numbering"}
"""A form of that kind that prints it depends on this field of the registration."""


def check_editions(catalogue: Catalogue, templates: Path = TEMPLATES) -> Catalogue:
    """The catalogue. Raises BadSettings, to end the process, where a product grants at the payment or has one
    contract with others, and the form or the contract in force from its first day doesn't say so."""
    for edition in catalogue.editions:
        for product in edition.products:
            needed = _NeededEditions(product, edition.effective_from, templates)
            if product.full_grant is FullGrant.AT_PAYMENT:
                needed.check("full_grant at_payment", "form", contract_kind(FullGrant.AT_PAYMENT))
            if product.joint and product.contract_number is ContractNumbering.ORDER:
                needed.check("contract_number order", "joint", JOINT_CONTRACT)
    return catalogue


@dataclass(frozen=True, slots=True)
class _NeededEditions:
    """The editions that one product needs from that day on."""

    product: Product
    day: date
    templates: Path

    def check(self, setting: str, form_kind: str, needed_contract: str) -> None:
        where = f"GIAHAN_CATALOGUE: {self.product.code} {setting}"
        try:
            in_force(self.templates, self.product.line, needed_contract, self.day)
            form = in_force(self.templates, self.product.line, form_kind, self.day)
        except LookupError as missing:
            raise BadSettings(f"{where}: {missing}") from None
        if _SAYS_SO[form_kind] not in (self.templates / form).read_text(encoding="utf-8"):
            raise BadSettings(f"{where}: {form} doesn't say so")
