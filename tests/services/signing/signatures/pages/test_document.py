"""What the signing page says of a document: the file that is to be signed, and what is true of it now."""

from typing import Any

import pytest

from services.signing.domain.contract import SealStatus, prepare, void
from services.signing.domain.form import FormStatus, SigningForm, close, replace_form
from services.signing.domain.upload import VerifiedUpload, accept_upload
from services.signing.signatures.pages.document import contract_document, form_document
from shared.events.base import SendBy
from shared.events.renewal import ContractVoided
from tests.services.signing.domain.uploads import PERSON, party
from tests.services.signing.factory import (
    JOINED,
    NOW,
    OTHER,
    RENEWAL,
    TODAY,
    awaiting,
    contract_prepared,
    document,
    reissue,
)

SIGNED = document("uploaded")


def uploaded(*parties: Any, looks: tuple[str, ...] = ()) -> SigningForm:
    upload = VerifiedUpload(document("form").sha256, parties or (party(),), looks)
    return accept_upload(awaiting(), upload, SIGNED, NOW).state


def test_a_form_that_must_be_signed_again_shows_the_new_revision() -> None:
    """Not the old signed file, which its certificate would not be asked for."""
    again = replace_form(uploaded(), reissue(form_revision=2, unconfirmed=(1,))).state
    page = form_document(again)
    assert (page.state, page.document, page.revision) == ("awaiting", again.subject.document, 2)


def test_a_signed_form_shows_the_signed_file_and_its_revision() -> None:
    page = form_document(uploaded())
    assert (page.state, page.document, page.next) == ("done", SIGNED, "next_contract")
    restated = replace_form(uploaded(), reissue(form_revision=2)).state
    assert form_document(restated).revision == (1 if restated.status is FormStatus.SIGNED else 2)


@pytest.mark.parametrize(
    ("form", "key", "review"),
    [
        (uploaded(PERSON), "next_review", "no_code"),
        (uploaded(PERSON, looks=("stamp_covers_content",)), "next_review", "no_code"),
        (uploaded(party(tax_codes=("0100686209",), budget_codes=())), "next_review", "needs_review"),
        (uploaded(looks=("stamp_covers_content",)), "next_look", None),
    ],
)
def test_what_the_desk_looks_at_is_said(form: SigningForm, key: str, review: str | None) -> None:
    """A certificate without a code is kept apart from one with another office's."""
    page = form_document(form)
    assert (page.next, page.review) == (key, review)


def test_a_joined_form_is_signed_on_its_leads_page() -> None:
    assert form_document(awaiting(renewal_id=OTHER, lead_id=RENEWAL)).lead_id == RENEWAL
    assert form_document(awaiting()).lead_id is None


def test_a_form_of_several_products_states_no_term_and_sum_of_one() -> None:
    page, single = form_document(awaiting(joined=(JOINED,))), form_document(awaiting())
    assert (page.term, page.users, page.total_vnd) == (None, None, None)
    assert single.term
    assert single.total_vnd


def test_an_ended_registration_is_never_called_done() -> None:
    assert form_document(close(uploaded()).state).state == "closed"
    assert form_document(awaiting(send_by=SendBy.PAPER)).state == "on_paper"


def test_a_contract_sealed_after_its_paper_is_in_force() -> None:
    seal = prepare(contract_prepared(sign_by=TODAY), awaiting()).state
    sealed = seal.model_copy(update={"status": SealStatus.SEALED, "sealed_contract": SIGNED})
    page = contract_document(sealed)
    assert (page.state, page.document) == ("in_force", SIGNED)


def test_a_contract_in_force_that_is_void_says_so() -> None:
    """Guards against: its page says that it is in force. The seal itself stays."""
    prepared = prepare(contract_prepared(), awaiting()).state
    sealed = prepared.model_copy(update={"status": SealStatus.SEALED, "sealed_contract": SIGNED})
    known = sealed.contract.model_dump(include=set(ContractVoided.model_fields))
    unsealed = ContractVoided(**known, reason="nhầm")
    in_force = unsealed.model_copy(update={"in_force": True})
    assert void(sealed, unsealed, NOW) is None, "the seal came first"
    other = in_force.model_copy(update={"contract_number": "9/2026/HĐ-GH"})
    assert void(sealed, other, NOW) is None
    decision = void(sealed, in_force, NOW)
    assert decision is not None
    assert (decision.state.status, decision.events) == (SealStatus.SEALED, ())
    assert (contract_document(sealed).state, contract_document(decision.state).state) == ("in_force", "void")
    assert void(decision.state, in_force, NOW) is None
