"""Only a contract that agrees with its registration gets the vendor's seal (case 36).

Guards against: a forged ContractPrepared got the real seal on another office's contract.
"""

from datetime import date
from typing import Any

import pytest

from services.signing.domain.form import FormStatus, SigningForm, accept_paper, close, supersede
from services.signing.domain.proof import WithholdReason, find_mismatch
from shared.events.base import SendBy, Stage
from shared.events.renewal import Conditions, ContractPrepared
from shared.ids import subscription_id
from shared.time.calendar import add_years
from tests.services.signing.factory import NOW, TODAY, awaiting, contract_prepared, document, term
from tests.services.signing.factory import paper_accepted as accepted

CONTRACT = contract_prepared()
ENDED = term(basis_stage=Stage.TERMINATED, term_from=date(2026, 11, 20), term_to=date(2027, 11, 20))


def signed(**changed: Any) -> SigningForm:
    return awaiting(**changed).with_changes(status=FormStatus.SIGNED, signed_form=document("signed form"))


def on_paper(**changed: Any) -> SigningForm:
    return accept_paper(awaiting(send_by=SendBy.PAPER, **changed), accepted()).state


def found(form: SigningForm | None, contract: ContractPrepared = CONTRACT) -> WithholdReason | None:
    return find_mismatch(form, contract, TODAY)


@pytest.mark.parametrize("form", [signed(), on_paper()])
def test_signed_by_key_or_accepted_on_paper(form: SigningForm) -> None:
    assert found(form) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"subscription_id": subscription_id("b", "qlts"), "office_ref": "b"},
            WithholdReason.ANOTHER_SUBSCRIPTION,
        ),
        ({"product_code": "qlcb"}, WithholdReason.ANOTHER_SUBSCRIPTION),
        ({"signed_form": document("another office's form")}, WithholdReason.FORM_NOT_SIGNED),
        ({"signed_form": document()}, WithholdReason.FORM_NOT_SIGNED),
        ({"term": term(term_to=date(2029, 11, 1))}, WithholdReason.TERM_DIFFERS),
        ({"term": term(basis_expires_on=date(2026, 12, 1))}, WithholdReason.TERM_DIFFERS),
        ({"term": term(years=3)}, WithholdReason.TERM_DIFFERS),
        ({"users": 500}, WithholdReason.ORDER_DIFFERS),
        ({"package": "enterprise"}, WithholdReason.ORDER_DIFFERS),
        ({"total_vnd": 0}, WithholdReason.ORDER_DIFFERS),
        ({"registration_no": "GH-0002"}, WithholdReason.ORDER_DIFFERS),
        (
            {"conditions": Conditions(edition="general/2025-07-01", sha256="0" * 64)},
            WithholdReason.ORDER_DIFFERS,
        ),
    ],
)
def test_whatever_differs_gets_no_seal(changes: dict[str, Any], reason: WithholdReason) -> None:
    for form in (signed(), on_paper()):
        assert found(form, CONTRACT.model_copy(update=changes)) is reason


def test_unknown_unsigned_closed_and_superseded_get_no_seal() -> None:
    superseded = supersede(awaiting(), date(2026, 11, 1), TODAY, NOW).state
    assert superseded.status is FormStatus.SUPERSEDED
    assert found(None) is WithholdReason.REGISTRATION_UNKNOWN
    assert found(awaiting()) is found(awaiting(send_by=SendBy.PAPER)) is WithholdReason.FORM_NOT_SIGNED
    assert found(superseded) is WithholdReason.FORM_NOT_SIGNED
    for form in (signed(), on_paper(), awaiting()):
        assert found(close(form).state) is WithholdReason.REGISTRATION_CLOSED


def test_term_of_an_ended_office_moves_to_the_contracts_date() -> None:
    moved = ENDED.model_copy(update={"term_from": TODAY, "term_to": add_years(TODAY, 1)})
    assert found(signed(term=ENDED), contract_prepared(term=moved)) is None
    ahead = contract_prepared(term=moved, contract_date=date(2027, 1, 1))
    assert found(signed(term=ENDED), ahead) is WithholdReason.TERM_DIFFERS
    assert found(signed(), contract_prepared(term=moved)) is WithholdReason.TERM_DIFFERS


def test_form_of_before_orders_and_papers_were_kept_is_sealed_still() -> None:
    before = awaiting(send_by=SendBy.PAPER).with_changes(ordered=None)
    assert found(before) is None
    assert found(signed().with_changes(ordered=None), contract_prepared(signed_form=document())) is (
        WithholdReason.FORM_NOT_SIGNED
    )
