"""What an office is offered: the price of what it has, and ways whose times come from the flow."""

from datetime import date
from typing import Any

import pytest

from services.renewal.domain.flow import REGISTRATION_FLOW, RegistrationStatus
from services.renewal.domain.payment.commitment import SEEN_AFTER
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.offer import RenewalOffer, WayBack, renewal_offer
from tests.services.renewal.examples import NOW, licence, product

DECISION, CHECK, SEAL = (
    REGISTRATION_FLOW.limits[status].working_days
    for status in (
        RegistrationStatus.AWAITING_CONFIRMATION,
        RegistrationStatus.PAPER_RECEIVED,
        RegistrationStatus.ACCEPTED,
    )
)


def offer(known: dict[str, Any] | None = None, **terms: Any) -> RenewalOffer:
    return renewal_offer(licence(**(known or {})), product().model_copy(update=terms), NOW)


def days(offered: RenewalOffer) -> dict[WayBack, int]:
    return {each.way: each.working_days for each in offered.ways}


def test_price_and_term_are_those_of_what_is_in_use() -> None:
    offered = offer({"package": "standard", "users": 12})
    assert offered.order
    assert offered.term
    assert (offered.order.users, offered.order.total) == (12, 5_300_000)
    assert offered.term.term_to == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("prepare", "signed"),
    [(ContractPreparation.AUTOMATIC, SEAL), (ContractPreparation.DESK, DECISION + SEAL)],
)
def test_each_way_takes_what_the_flow_allows(prepare: ContractPreparation, signed: int) -> None:
    assert days(offer(contract_prepare=prepare)) == {
        WayBack.SIGNATURE: signed,
        WayBack.PAPER: CHECK + SEAL,
        WayBack.COMMITMENT: 1,
        WayBack.PAYMENT: SEEN_AFTER,
    }


def test_product_without_promises_offers_no_commitment() -> None:
    assert WayBack.COMMITMENT not in days(offer(commitment_days=0))


def test_the_latest_day_of_a_commitment_is_told() -> None:
    (commitment,) = (each for each in offer().ways if each.way is WayBack.COMMITMENT)
    assert commitment.until == date(2026, 4, 5)
