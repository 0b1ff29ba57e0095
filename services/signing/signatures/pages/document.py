"""What the signing page shows of a document: what it is, what it says, and whether it can be signed."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.signing.domain.attempt import Attempt, SignedUpload
from services.signing.domain.certificate import match
from services.signing.domain.contract import ContractSeal, SealStatus
from services.signing.domain.form import FormStatus, SigningForm
from shared.events.base import DocumentRef, SendBy
from shared.events.renewal import Term

PageState = Literal["awaiting", "done", "on_paper", "superseded", "closed", "void", "not_asked"]
Next = Literal["next_contract", "next_review", "next_seal", "next_sealed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningDocument:
    """`document` is the file to sign or, once it is signed, the signed one. `number` is empty for forms of an
    older release. `signature` is the office's. `next` is the key of the text about what
    happens after the signature."""

    kind: Literal["form", "contract"]
    renewal_id: UUID
    state: PageState
    document: DocumentRef
    number: str
    next: Next
    signature: Attempt | SignedUpload | None = None
    revision: int | None = None
    term: Term | None = None
    users: int | None = None
    total_vnd: int | None = None
    sign_by: date | None = None


def form_document(form: SigningForm) -> SigningDocument:
    ordered, made = form.ordered, form.signature
    matched = made and match(made.certificate, form.tax_code, form.budget_code)
    return SigningDocument(
        kind="form",
        renewal_id=form.renewal_id,
        state=_form_state(form),
        document=form.signed_form or form.form,
        number=ordered.registration_no if ordered else "",
        next="next_review" if matched == "review" else "next_contract",
        revision=form.revision,
        term=form.term,
        users=ordered.users if ordered else None,
        total_vnd=ordered.total_vnd if ordered else None,
        signature=made,
    )


def contract_document(seal: ContractSeal) -> SigningDocument:
    contract = seal.contract
    return SigningDocument(
        kind="contract",
        renewal_id=contract.renewal_id,
        state=_contract_state(seal),
        document=seal.sealed_contract or seal.signed_contract or contract.contract,
        number=contract.contract_number,
        next="next_sealed" if seal.status is SealStatus.SEALED else "next_seal",
        sign_by=contract.sign_by,
        signature=seal.signature,
    )


def _form_state(form: SigningForm) -> PageState:
    if form.can_be_signed:
        return "awaiting"
    if form.status is FormStatus.AWAITING:
        return "on_paper" if form.send_by is SendBy.PAPER else "closed"
    states: dict[FormStatus, PageState] = {FormStatus.SIGNED: "done", FormStatus.SUPERSEDED: "superseded"}
    return states.get(form.status, "closed")


def _contract_state(seal: ContractSeal) -> PageState:
    if seal.can_be_signed:
        return "awaiting"
    if seal.status is SealStatus.VOID:
        return "void"
    return "done" if seal.signed_contract else "not_asked"
