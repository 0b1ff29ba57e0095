"""A contract gives what its registration has, and otherwise nothing (case 36). Guards against: anybody who
could write to Kafka had the vendor's power: a contract of an invented renewal, or with another term, was
applied."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription.domain.changes import registration
from services.subscription.domain.changes.contract_check import ContractDoubt, check_contract
from services.subscription.domain.changes.temporary_access import SentForm
from services.subscription.domain.registration_facts import RegistrationFacts
from services.subscription.domain.subscription import Subscription
from shared.events.base import SendBy, Stage
from shared.events.renewal import FormReissued, Term
from shared.events.signing import ContractIssued
from shared.time.calendar import add_years
from tests.services.subscription.examples import BOTH, ENDS, adopted, contract, days, noon, registration_of

NEXT = date(2027, 12, 31)
CONTRACT = contract(ENDS, NEXT)
TODAY = CONTRACT.contract_date


def term(**changes: Any) -> Term:
    return CONTRACT.term.model_copy(update=changes)


def knowing(contract: ContractIssued = CONTRACT, **changes: Any) -> Subscription:
    """The subscription, which knows the contract's registration."""
    decision = registration.register(adopted(ENDS), registration_of(contract, **changes), noon(TODAY), BOTH)
    assert decision is not None
    return decision.state


def found(state: Subscription, contract: ContractIssued, on: date = TODAY) -> ContractDoubt | None:
    return check_contract(state, contract, noon(on))


def test_what_was_registered_is_applied() -> None:
    assert found(knowing(), CONTRACT) is None


def test_invented_renewal_is_unknown_and_signings_events_are_no_proof() -> None:
    assert found(adopted(ENDS), CONTRACT) is ContractDoubt.REGISTRATION_UNKNOWN
    signed = registration.sign_form(
        adopted(ENDS), SentForm(CONTRACT.renewal_id, noon(TODAY)), 1, 15, noon(TODAY), BOTH
    )
    assert signed is not None
    assert found(signed.state, CONTRACT) is ContractDoubt.REGISTRATION_UNKNOWN
    assert signed.state.open_registrations == ()
    assert signed.state.temporary_until is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"term": term(term_to=date(2029, 12, 31))}, ContractDoubt.TERM_DIFFERS),
        ({"term": term(term_to=date(2029, 12, 31), years=3)}, ContractDoubt.TERM_DIFFERS),
        ({"term": term(basis_expires_on=NEXT)}, ContractDoubt.TERM_DIFFERS),
        ({"term": term(basis_stage=Stage.TERMINATED, term_to=date(2029, 1, 1))}, ContractDoubt.TERM_DIFFERS),
        ({"package": "enterprise"}, ContractDoubt.ORDER_DIFFERS),
        ({"users": 31}, ContractDoubt.ORDER_DIFFERS),
        ({"total_vnd": 1}, ContractDoubt.ORDER_DIFFERS),
    ],
)
def test_right_renewal_with_something_else_gives_nothing(
    changes: dict[str, Any], reason: ContractDoubt
) -> None:
    assert found(knowing(), CONTRACT.model_copy(update=changes)) is reason


def test_storage_that_was_not_ordered_gives_nothing() -> None:
    ordered = CONTRACT.model_copy(update={"storage_gb": 20})
    assert found(knowing(ordered), ordered) is None
    assert (
        found(knowing(ordered), CONTRACT.model_copy(update={"storage_gb": 5000}))
        is ContractDoubt.ORDER_DIFFERS
    )
    assert found(knowing(ordered), CONTRACT) is None, "of a release that told of no storage"


def test_registration_that_is_closed_gives_nothing() -> None:
    closed = registration.close(knowing(), CONTRACT.renewal_id, noon(TODAY), BOTH)
    assert closed is not None
    assert found(closed.state, CONTRACT) is ContractDoubt.REGISTRATION_CLOSED


def anew(registered_on: date, years: int = 1) -> ContractIssued:
    """The registration of an office whose service had ended: its years count from the contract's date."""
    late = Term(
        basis_expires_on=ENDS - days(400),
        basis_stage=Stage.TERMINATED,
        term_from=registered_on,
        term_to=add_years(registered_on, years),
        years=years,
    )
    return CONTRACT.model_copy(update={"term": late})


@given(st.dates(date(2026, 2, 1), date(2026, 12, 1)), st.integers(0, 40), st.integers(1, 3))
def test_term_of_an_ended_office_moves_to_the_contracts_date(on: date, later: int, years: int) -> None:
    registered, dated = anew(on, years), on + timedelta(days=later)
    moved = registered.term.model_copy(update={"term_from": dated, "term_to": add_years(dated, years)})
    state = knowing(registered)
    issued = registered.model_copy(update={"contract_date": dated, "term": moved})
    assert found(state, issued, dated) is None
    longer = issued.model_copy(
        update={"term": moved.model_copy(update={"term_to": add_years(dated, years + 1)})}
    )
    assert found(state, longer, dated) is ContractDoubt.TERM_DIFFERS


@pytest.mark.parametrize("off", [-1, 2, 400])
def test_contract_dated_before_the_registration_or_ahead_moves_nothing(off: int) -> None:
    registered = anew(TODAY)
    dated = TODAY + timedelta(days=off)
    moved = registered.term.model_copy(update={"term_from": dated, "term_to": add_years(dated, 1)})
    issued = registered.model_copy(update={"contract_date": dated, "term": moved})
    assert found(knowing(registered), issued) is ContractDoubt.TERM_DIFFERS


def test_reissued_form_gives_its_own_term_whichever_comes_first() -> None:
    """A registration that is redriven later does not take back the term of a reissued form."""
    restated = term(basis_stage=Stage.TERMINATED, term_from=TODAY, term_to=add_years(TODAY, 1))
    about = registration_of(CONTRACT).model_dump(include=set(FormReissued.model_fields))
    reissued = FormReissued(**{**about, "term": restated, "form_revision": 2})
    known = registration.reissue_form(knowing(), reissued, noon(TODAY), BOTH)
    assert known is not None
    assert found(known.state, CONTRACT) is ContractDoubt.TERM_DIFFERS
    assert found(known.state, CONTRACT.model_copy(update={"term": restated})) is None
    assert registration.register(known.state, registration_of(CONTRACT), noon(TODAY), BOTH) is None


def test_registration_of_before_terms_were_kept_gives_only_a_term_that_a_rule_makes() -> None:
    known = RegistrationFacts(send_by=SendBy.PAPER, told_at=noon(TODAY))
    state = adopted(ENDS).with_(registrations={UUID(int=1): known})
    assert found(state, CONTRACT) is None
    assert found(state, CONTRACT.model_copy(update={"term": term(term_to=date(2029, 12, 31))})) is (
        ContractDoubt.TERM_DIFFERS
    )
