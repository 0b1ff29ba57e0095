"""What an office reads of its access once its contract is issued."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.payment.commitment import CommitmentStatus
from services.renewal.domain.registration import form
from services.renewal.domain.renewal import Renewal
from services.renewal.office.use_by_contract import use_by_contract
from services.renewal.settings import EXAMPLE_VENDOR
from shared.events.base import Capability, Stage
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, licence, registration
from tests.services.renewal.messages import document

UNTIL = TODAY + timedelta(days=360)


def issued() -> Renewal:
    made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state
    return made.with_status(RegistrationStatus.CONTRACT_ISSUED, NOW)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"contracts": (RENEWAL,)}, ("registration.usable", UNTIL)),
        ({"contracts": None}, ("registration.usable", UNTIL)),
        ({"contracts": ()}, ("notice.renewed", None)),
        ({"contracts": (RENEWAL,), "disputed": (RENEWAL,)}, ("notice.at_the_desk", None)),
        ({"contracts": (RENEWAL,), "stage": Stage.LOCKED, "access": ()}, None),
    ],
)
def test_access_after_the_contract(known: dict[str, Any], told: tuple[str, date | None] | None) -> None:
    fields = {"stage": Stage.ACTIVE, "access": tuple(Capability), "expires_on": UNTIL} | known
    assert use_by_contract(issued(), licence(**fields), TODAY) == told


def test_nothing_is_told_before_the_contract() -> None:
    made = form.register(registration(), document("form 1"), EXAMPLE_VENDOR, NOW).state
    assert use_by_contract(made, licence(stage=Stage.ACTIVE, expires_on=UNTIL), TODAY) is None


@pytest.mark.parametrize(
    ("pay_by", "status", "told"),
    [
        (TODAY, CommitmentStatus.ACCEPTED, ("registration.unpaid", TODAY)),
        (TODAY - timedelta(days=1), CommitmentStatus.ACCEPTED, ("registration.unpaid_late", None)),
        (None, CommitmentStatus.BROKEN, ("registration.unpaid_late", None)),
        (None, CommitmentStatus.REFUSED, ("registration.unpaid_no_day", None)),
        (None, CommitmentStatus.ACCEPTED, ("registration.unpaid_no_day", None)),
    ],
)
def test_a_contract_that_waits_for_its_payment(
    pay_by: date | None, status: CommitmentStatus, told: tuple[str, date | None]
) -> None:
    """Guards against: "the day to pay has passed" where none was agreed to, or the event is still to come."""
    waits = issued()
    assert waits.commitment is not None
    waits = waits.with_changes(commitment=waits.commitment.model_copy(update={"status": status}))
    known = licence(stage=Stage.LOCKED, access=(), contracts=(), unpaid=(RENEWAL,), pay_by=pay_by)
    assert use_by_contract(waits, known, TODAY) == told
