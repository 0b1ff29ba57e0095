"""What the signing page shows of a document: what it is, what it says, and whether it can be signed."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.signing.domain.attempt import Attempt, SignedUpload
from services.signing.domain.certificate import match
from services.signing.domain.contract import ContractSeal, SealStatus
from services.signing.domain.form import FormStatus, SigningForm
from shared.events.base import DocumentRef
from shared.events.renewal import Term

PageState = Literal["awaiting", "done", "on_paper", "superseded", "closed", "void", "in_force", "not_asked"]
Next = Literal["next_contract", "next_review", "next_look", "next_seal", "next_sealed"]


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

    @property
    def uploaded(self) -> bool:
        """Whether it was signed elsewhere: then `signed_at` is when the file came."""
        return isinstance(self.signature, SignedUpload)


def form_document(form: SigningForm) -> SigningDocument:
    ordered, state = form.ordered, _form_state(form)
    signed = form.signed_form if state == "done" else None
    return SigningDocument(
        kind="form",
        renewal_id=form.renewal_id,
        state=state,
        document=signed or form.form,
        number=ordered.registration_no if ordered else "",
        next=_after_form(form),
        signature=form.signature,
        revision=(form.signed_revision if signed else None) or form.revision,
        term=form.term,
        users=ordered.users if ordered else None,
        total_vnd=ordered.total_vnd if ordered else None,
    )


def _after_form(form: SigningForm) -> Next:
    """What follows a signed form: the contract, or first the desk, because of the certificate's code or of
    what only a person can judge in the file."""
    made = form.signature
    if made is None:
        return "next_contract"
    if match(made.certificate, form.tax_code, form.budget_code) == "review":
        return "next_review"
    return "next_look" if isinstance(made, SignedUpload) and made.looks else "next_contract"


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
    if form.ended or form.status is FormStatus.CLOSED:
        return "closed"
    if form.can_be_signed:
        return "awaiting"
    if form.status is FormStatus.SIGNED:
        return "done"
    return "superseded" if form.status is FormStatus.SUPERSEDED else "on_paper"


def _contract_state(seal: ContractSeal) -> PageState:
    if seal.can_be_signed:
        return "awaiting"
    if seal.status is SealStatus.VOID:
        return "void"
    if seal.signed_contract:
        return "done"
    return "in_force" if seal.status is SealStatus.SEALED else "not_asked"
