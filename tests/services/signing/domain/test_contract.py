"""A contract and its seal: it is recorded as prepared first, and sealed once."""

from services.signing.domain.contract import SealStatus, prepare, record_seal, seal_id
from shared.events.renewal import OrderLine
from shared.events.signing import ContractIssued
from tests.services.signing.factory import NOW, RENEWAL, TODAY, certificate, contract_prepared, document

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


def test_same_contract_has_the_same_id() -> None:
    assert seal_id(RENEWAL) == seal_id(RENEWAL) != RENEWAL
