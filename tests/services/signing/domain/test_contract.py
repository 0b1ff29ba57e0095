"""A contract and its seal: it is recorded as prepared first, and sealed once."""

from datetime import timedelta

from services.signing.domain.attempt_steps import begin_attempt
from services.signing.domain.contract import SealStatus, prepare, record_seal, seal_id
from shared.events.order import OrderLine
from shared.events.signing import ContractIssued
from tests.services.signing.factory import (
    NOW,
    RENEWAL,
    TODAY,
    awaiting,
    certificate,
    contract_prepared,
    document,
    preparation,
)

SEALED = document("sealed")


def test_prepared_contract_waits_for_its_seal() -> None:
    decision = prepare(contract_prepared())
    assert (decision.state.status, decision.events) == (SealStatus.PREPARED, ())


def test_sealed_contract_is_issued() -> None:
    line = OrderLine(item="Dung lượng", unit="GB", quantity=480, unit_price=1_000, vat_percent=None)
    event = contract_prepared(storage_gb=500, lines=(line,))
    decision = record_seal(prepare(event).state, SEALED, certificate(), NOW)
    (issued,) = decision.events
    assert isinstance(issued, ContractIssued)
    assert issued.contract == SEALED
    assert issued.signed_form == event.signed_form
    assert (issued.effective_on, issued.sealed_at) == (TODAY, NOW)
    assert (issued.contract_number, issued.term) == (event.contract_number, event.term)
    assert (issued.storage_gb, issued.lines) == (500, (line,))
    assert issued.certificate.match == "vendor"


def test_second_seal_is_not_recorded() -> None:
    once = record_seal(prepare(contract_prepared()).state, SEALED, certificate(), NOW).state
    again = record_seal(once, document("sealed again"), certificate(), NOW)
    assert (again.state, again.events) == (once, ())


def test_attempts_are_numbered_on_through_a_renewal_s_contracts() -> None:
    """A number names one attempt of the renewal, whichever contract it is of."""
    first = prepare(contract_prepared(sign_by=TODAY), awaiting()).state
    for n in (1, 2):
        first = begin_attempt(first, preparation(first.subject.document), NOW, timedelta(hours=1)).state
        assert first.last_attempt == n
    unsigned = prepare(contract_prepared(contract_number="2"), awaiting(), first).state
    third = prepare(contract_prepared(contract_number="3", sign_by=TODAY), awaiting(), unsigned).state
    begun = begin_attempt(third, preparation(third.subject.document), NOW, timedelta(hours=1)).state
    assert [attempt.n for attempt in begun.attempts] == [3]


def test_same_contract_has_the_same_id() -> None:
    assert seal_id(RENEWAL) == seal_id(RENEWAL) != RENEWAL
