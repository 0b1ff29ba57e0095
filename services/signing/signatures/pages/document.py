"""What the signing page shows of a document: what it is, what it says, and whether it can be signed."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.signing.domain.attempt import Attempt, SignedUpload
from services.signing.domain.attempt_steps import Caution, certificate_cautions
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
    happens after the signature, and `review` says why the vendor looks at the certificate first. `lead_id` is
    the registration on whose page the form is signed, where that is another one. The term, the users and the
    total are None for a form of several products: its picture shows those of each."""

    kind: Literal["form", "contract"]
    renewal_id: UUID
    state: PageState
    document: DocumentRef
    number: str
    next: Next
    review: Caution | None = None
    signature: Attempt | SignedUpload | None = None
    revision: int | None = None
    term: Term | None = None
    users: int | None = None
    total_vnd: int | None = None
    sign_by: date | None = None
    lead_id: UUID | None = None

    @property
    def uploaded(self) -> bool:
        """Whether it was signed elsewhere: then `signed_at` is when the file came."""
        return isinstance(self.signature, SignedUpload)


def form_document(form: SigningForm) -> SigningDocument:
    ordered, state = form.ordered, _form_state(form)
    summed = None if form.joined else ordered
    signed = form.signed_form if state == "done" else None
    review = _review(form)
    return SigningDocument(
        kind="form",
        renewal_id=form.renewal_id,
        state=state,
        document=signed or form.form,
        number=ordered.registration_no if ordered else "",
        next="next_review" if review else _after_form(form),
        review=review,
        signature=form.signature,
        revision=(form.signed_revision if signed else None) or form.revision,
        term=None if form.joined else form.term,
        users=summed.users if summed else None,
        total_vnd=summed.total_vnd if summed else None,
        lead_id=form.lead_id,
    )


def _after_form(form: SigningForm) -> Next:
    """What follows a signed form: the contract, or first the desk, because of what only a person can judge in
    the file."""
    made = form.signature
    return "next_look" if made and made.looks else "next_contract"


def _review(form: SigningForm) -> Caution | None:
    """Why the desk looks at the certificate of a signed form: its code."""
    found = certificate_cautions(form, form.signature.certificate) if form.signature else ()
    return next((each for each in found if each in (Caution.NEEDS_REVIEW, Caution.NO_CODE)), None)


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
    if seal.status is SealStatus.VOID or seal.void_in_force:
        return "void"
    if seal.signed_contract:
        return "done"
    return "in_force" if seal.status is SealStatus.SEALED else "not_asked"
