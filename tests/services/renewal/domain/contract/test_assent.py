"""A product line whose offices also sign the contract: before the vendor, and in time, or the contract
lapses."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.renewal.domain.contract import assent, contract
from services.renewal.domain.desk import approval
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper import paper_form
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration import form
from services.renewal.domain.registration.form_code import FormCode, parse_digits
from services.renewal.domain.renewal import DeskReason, PostedForm, Renewal
from services.renewal.domain.working_days import working_day_after
from services.renewal.settings import EXAMPLE_VENDOR
from services.renewal.texts import next_text
from shared.events.assent import (
    ContractAssented,
    ContractLapsed,
    ContractPaperReceived,
    ContractPaperReturned,
)
from shared.events.base import DocumentRef
from shared.events.paper_form import ReturnReason
from shared.events.renewal import ContractPrepared, ContractVoided
from shared.situation import Turn
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import NOW, TODAY, judged, licence, registration
from tests.services.renewal.messages import (
    contract_signed,
    document,
    form_signed,
    posted_form,
    seal_failed,
)

NUMBER = ContractNumber(year=2026, n=7)
SIGN_BY = date(2026, 1, 19)
AFTER = datetime(2026, 1, 19, 17, 0, tzinfo=NOW.tzinfo)
"""Midnight at the end of the last day, in the office's time zone."""


def prepared(assent_days: int | None = 10) -> Decision[Renewal]:
    made = registration().model_copy(update={"assent_days": assent_days})
    registered = form.register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
    signed = contract.record_signed_form(registered, form_signed(), licence(), judged(), NOW).state
    return contract.prepare_contract(signed, NUMBER, TODAY, document("contract"), NOW)


def paper(name: str = "stamped contract", nth: int = 1) -> PostedForm:
    return posted_form(nth, name).model_copy(update={"paper": "contract"})


def told(decision: Decision[Renewal]) -> Any:
    (event,) = decision.events
    return event


def assented(decision: Decision[Renewal]) -> tuple[DocumentRef, DocumentRef | None]:
    event = told(decision)
    assert isinstance(event, ContractAssented)
    assert (decision.state.status, decision.state.sign_by) == (RegistrationStatus.ACCEPTED, None)
    return event.contract, event.scan


def test_without_the_setting_the_vendor_seals_at_once_as_ever() -> None:
    decision = prepared(None)
    assert told(decision).sign_by is None
    assert (decision.state.status, decision.state.turn) == (RegistrationStatus.ACCEPTED, Turn.VENDOR)


def test_contract_waits_for_the_office_ten_working_days() -> None:
    decision = prepared()
    event = told(decision)
    assert isinstance(event, ContractPrepared)
    assert event.sign_by == SIGN_BY == working_day_after(TODAY, 10)
    waits = decision.state
    assert (waits.status, waits.turn, waits.sign_by) == (
        RegistrationStatus.AWAITING_ASSENT,
        Turn.ASSENT,
        SIGN_BY,
    )
    assert "19/01/2026" in next_text(waits)[0]


def test_working_days_pass_over_what_is_off() -> None:
    assert working_day_after(date(2026, 2, 13), 1) == date(2026, 2, 23), "Tết"
    assert working_day_after(date(2026, 4, 29), 2) == date(2026, 5, 5)


def test_signed_electronically_it_goes_to_the_vendor() -> None:
    decision = assent.record_signature(prepared().state, contract_signed(str(NUMBER)), NOW)
    assert assented(decision) == (document("signed contract"), None)
    assert decision.state.newest_document("signed_contract") == document("signed contract")
    again = assent.record_signature(decision.state, contract_signed(str(NUMBER)), NOW)
    assert again == Decision(decision.state)


def test_another_number_or_what_a_clerk_voids_is_not_signed() -> None:
    waits = prepared().state
    assert assent.record_signature(waits, contract_signed("8/2026"), NOW) == Decision(waits)
    voided = contract.void_contract(waits, "clerk-1", "sai giá", NOW).state
    assert assent.record_signature(voided, contract_signed(str(NUMBER)), NOW) == Decision(voided)


def test_paper_is_received_and_accepted() -> None:
    here = paper_form.receive(prepared().state, paper(), NOW)
    assert isinstance(told(here), ContractPaperReceived)
    assert (here.state.status, here.state.turn) == (RegistrationStatus.ASSENT_RECEIVED, Turn.VENDOR)
    assert paper_form.receive(here.state, paper(), NOW) == Decision(here.state)
    assert assent.lapse(here.state, AFTER) is None, "the office has done its part"
    decision = paper_form.accept(here.state, "clerk-1", judged(), AFTER)
    assert assented(decision) == (document("contract"), document("stamped contract"))


def test_paper_sent_back_has_its_days_once_more() -> None:
    here = paper_form.receive(prepared().state, paper(), NOW).state
    back = paper_form.send_back(here, ReturnReason.UNSTAMPED, "", AFTER)
    event = told(back)
    assert isinstance(event, ContractPaperReturned)
    assert event.sign_by == back.state.sign_by == working_day_after(date(2026, 1, 20), 10)
    assert back.state.status is RegistrationStatus.AWAITING_ASSENT
    better = paper_form.receive(back.state, paper("better"), AFTER).state
    assert (better.status, better.contract_returned) == (RegistrationStatus.ASSENT_RECEIVED, None)


def test_form_is_no_contract_and_a_void_contract_none_that_waits() -> None:
    waits = prepared().state
    with pytest.raises(RenewalError, match="paper-not-awaited"):
        paper_form.receive(waits, posted_form(), NOW)
    with pytest.raises(RenewalError, match="contract-not-awaited"):
        paper_form.receive(waits, paper(nth=2), NOW)
    with pytest.raises(RenewalError, match="paper-not-awaited"):
        paper_form.receive(prepared(None).state, paper(), NOW)
    lapsing = assent.lapse(waits, AFTER)
    assert lapsing is not None
    with pytest.raises(RenewalError, match="contract-not-awaited"):
        paper_form.receive(lapsing.state, paper(), AFTER)


def test_contract_not_signed_in_time_is_void_and_the_desk_decides_again() -> None:
    waits = prepared().state
    assert assent.lapse(waits, AFTER - timedelta(seconds=1)) is None
    lapsing = assent.lapse(waits, AFTER)
    assert lapsing is not None
    event = told(lapsing)
    assert isinstance(event, ContractVoided)
    assert event.lapsed
    assert assent.lapse(lapsing.state, AFTER) is None
    let_go = contract.record_failed_seal(lapsing.state, seal_failed(str(NUMBER), "voided"), AFTER)
    assert let_go is not None
    assert isinstance(told(let_go), ContractLapsed)
    after = let_go.state
    assert (after.status, after.needs_desk) == (
        RegistrationStatus.AWAITING_CONFIRMATION,
        DeskReason.CONTRACT_VOIDED,
    )
    assert after.desk_note is not None
    assert str(NUMBER) in after.desk_note
    (void,) = after.void_contracts
    assert (void.number, void.by, void.lapsed) == (NUMBER, "rule", True)
    anew = approval.accept(after, "clerk-1", "đã gọi", judged().expires_on, AFTER).state
    second = ContractNumber(year=2026, n=8)
    again = contract.prepare_contract(anew, second, date(2026, 1, 20), document("second"), AFTER).state
    assert (again.status, again.nth_contract) == (RegistrationStatus.AWAITING_ASSENT, 2)
    with pytest.raises(RenewalError, match="contract-not-awaited"):
        paper_form.receive(again, paper(nth=1), AFTER)
    assert paper_form.receive(again, paper(nth=2), AFTER).state.status is RegistrationStatus.ASSENT_RECEIVED


def test_what_was_signed_before_it_was_void_counts() -> None:
    """Signing already has the office's signature, so it doesn't release the contract, and the voiding has no
    effect."""
    lapsing = assent.lapse(prepared().state, AFTER)
    assert lapsing is not None
    decision = assent.record_signature(lapsing.state, contract_signed(str(NUMBER)), AFTER)
    assert assented(decision) == (document("signed contract"), None)
    assert (decision.state.voiding, decision.state.void_contracts) == (None, ())


def test_void_by_the_desk_tells_the_office_nothing_of_a_lapse() -> None:
    voided = contract.void_contract(prepared().state, "clerk-1", "sai giá", NOW).state
    let_go = contract.record_failed_seal(voided, seal_failed(str(NUMBER), "voided"), NOW)
    assert let_go is not None
    assert let_go.events == ()


def test_code_tells_a_contract_from_a_form() -> None:
    code = FormCode(number=registration().number, revision=2, paper="contract")
    assert code.digits.startswith("2")
    assert parse_digits(code.digits) == code
    assert parse_digits("3" + code.digits[1:]) is None
