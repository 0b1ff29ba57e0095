"""What a form that was issued anew changed for each product, and what the office must still agree to."""

from typing import NamedTuple

from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import Renewal
from shared.events.renewal import Term


class RestatedTerm(NamedTuple):
    """A product whose term the newest revision changed, and its `old` term."""

    product: Registration
    old: Term

    @property
    def is_ended(self) -> bool:
        """Whether its last day of use is the same, and the new term comes from the end of its service."""
        return self.old.basis_expires_on == self.product.term.basis_expires_on


def restated_terms(renewal: Renewal) -> list[RestatedTerm]:
    """Of the products on the form, those whose term its newest revision changed."""
    before = renewal.earlier[-1].agreed if renewal.earlier else ()
    pairs = zip(renewal.carried, before, strict=False)
    return [RestatedTerm(each, old.term) for each, old in pairs if old.term != each.term]


def products_to_agree(renewal: Renewal) -> list[Registration]:
    """Of the products on the form, those whose term ends earlier than the office once agreed to."""
    return [
        product
        for place, product in enumerate(renewal.carried)
        for agreed in [[form.agreed[place] for form in renewal.earlier if place < len(form.agreed)]]
        if any(each.agreed_to > product.term.term_to for each in agreed)
    ]
