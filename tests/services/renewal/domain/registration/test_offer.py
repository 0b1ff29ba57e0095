"""What an office is offered: the price of what it has, and ways whose times come from the flow."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.renewal.domain.flow import REGISTRATION_FLOW, RegistrationStatus
from services.renewal.domain.payment.commitment import SEEN_AFTER
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.offer import RenewalOffer, WayBack, renewal_offer
from services.renewal.domain.registration.renewal_window import EarlyHandling, RenewalWindow
from shared.events.base import Stage
from tests.services.renewal.examples import NOW, TODAY, licence, product

DECISION, CHECK, CONTRACT, SEAL = (
    REGISTRATION_FLOW.limits[status].working_days
    for status in (
        RegistrationStatus.AWAITING_CONFIRMATION,
        RegistrationStatus.PAPER_RECEIVED,
        RegistrationStatus.ASSENT_RECEIVED,
        RegistrationStatus.ACCEPTED,
    )
)


def offer(known: dict[str, Any] | None = None, **terms: Any) -> RenewalOffer:
    return renewal_offer(licence(**(known or {})), product().model_copy(update=terms), None, NOW)


def days(offered: RenewalOffer) -> dict[WayBack, tuple[int, int | None]]:
    return {each.way: (each.working_days, each.reviewed) for each in offered.ways}


def test_price_and_term_are_those_of_what_is_in_use() -> None:
    offered = offer({"package": "standard", "users": 12})
    assert offered.order
    assert offered.term
    assert (offered.order.users, offered.order.total) == (12, 5_300_000)
    assert offered.term.term_to == date(2026, 12, 31)


@pytest.mark.parametrize(
    "known",
    [
        {"package": "gone", "users": 3},
        {"package": "", "users": 3},
        {"package": "standard", "users": 5_000},
        {"package": "standard", "users": 12, "storage_gb": 50_000},
    ],
)
def test_what_can_not_be_ordered_again_has_no_price(known: dict[str, Any]) -> None:
    offered = offer(known)
    assert (offered.order, offered.term) == (None, None)
    assert offered.ways


def test_a_form_that_needs_a_clerk_takes_a_day_more() -> None:
    ways = days(offer(contract_prepare=ContractPreparation.AUTOMATIC))
    assert ways[WayBack.SIGNATURE] == (SEAL, DECISION + SEAL)
    assert ways[WayBack.PAPER] == (CHECK + SEAL, CHECK + DECISION + SEAL)
    assert (ways[WayBack.COMMITMENT], ways[WayBack.PAYMENT]) == ((1, None), (SEEN_AFTER, None))


def test_where_the_desk_decides_on_each_form_both_ways_take_it() -> None:
    ways = days(offer(contract_prepare=ContractPreparation.DESK))
    assert ways[WayBack.SIGNATURE] == (DECISION + SEAL, None)
    assert ways[WayBack.PAPER] == (CHECK + DECISION + SEAL, None)


def test_a_contract_that_the_office_signs_is_prepared_checked_and_sealed() -> None:
    ways = days(offer(contract_prepare=ContractPreparation.DESK, assent_days=10))
    assert ways[WayBack.SIGNATURE] == (DECISION + SEAL + CONTRACT + SEAL, None)


def test_a_policy_that_refuses_says_from_when() -> None:
    window = RenewalWindow(earliest_renewal_days=90, earlier=EarlyHandling.REFUSE)
    early = offer({"expires_on": TODAY + timedelta(days=91), "stage": Stage.ACTIVE}, window=window)
    assert early.opens_on == TODAY + timedelta(days=1)
    assert offer({"expires_on": TODAY + timedelta(days=90)}, window=window).opens_on is None
    again = RenewalWindow(again_days=30, again=EarlyHandling.REFUSE)
    sold = product().model_copy(update={"window": again})
    renewed = renewal_offer(licence(), sold, TODAY - timedelta(days=10), NOW)
    assert renewed.opens_on == TODAY + timedelta(days=20)


def test_product_without_promises_offers_no_commitment() -> None:
    assert WayBack.COMMITMENT not in days(offer(commitment_days=0))


def test_the_latest_day_of_a_commitment_is_told() -> None:
    (commitment,) = (each for each in offer().ways if each.way is WayBack.COMMITMENT)
    assert commitment.until == date(2026, 4, 5)
