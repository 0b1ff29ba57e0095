"""The aggregate `SigningDocument`: a form that an office is to sign, and its attempts to do so.

awaiting -> signed; awaiting -> superseded -> (form reissued) awaiting; whatever isn't signed -> closed.
A signed form whose term was corrected to end earlier awaits a signature again, until the office agrees.
While its office sends it on paper it awaits no signature, but may again. `_id` is the renewal's id.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.signing.domain.attempt import Attempt, AttemptStatus, Completion, Signable, SigningSubject
from services.signing.domain.certificate import Certificate, match
from services.signing.domain.refusal import RefusalReason
from shared.events.base import DocumentRef, SendBy, Stage
from shared.events.paper_form import PaperFormAccepted
from shared.events.renewal import Conditions, FormReissued, RenewalRegistered, SendingChanged, Term
from shared.events.signing import FormSigned, SigningSuperseded
from shared.storage.aggregate import Decision


class FormStatus(StrEnum):
    AWAITING = "awaiting"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class OrderedTerm(BaseModel):
    """What a registration orders and under which general conditions, as its contract must say it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration_no: str
    package: str
    users: int
    storage_gb: int | None = None
    total_vnd: int
    conditions: Conditions | None = None


class SigningDocument(Signable):
    """`confirmed_on` is the office's date of confirmation: a signature after midnight counts for it.

    `ordered` is None in what was registered before it was kept. `accepted_paper` is the scan of the stamped
    form that the desk found in order. The form was signed in its `signed_revision`, None where that was the
    one in force. `ended`: the registration was refused or taken back.
    """

    renewal_id: UUID
    subscription_id: UUID
    office_ref: str
    product_code: str
    confirmed_on: date
    tax_code: str | None
    budget_code: str | None
    term: Term
    form: DocumentRef
    revision: int
    send_by: SendBy = SendBy.ELECTRONIC
    status: FormStatus = FormStatus.AWAITING
    signed_form: DocumentRef | None = None
    ordered: OrderedTerm | None = None
    accepted_paper: DocumentRef | None = None
    ended: bool = False
    signed_revision: int | None = None

    @property
    def can_be_signed(self) -> bool:
        return self.status is FormStatus.AWAITING and self.send_by is SendBy.ELECTRONIC

    @property
    def subject(self) -> SigningSubject:
        return SigningSubject(
            renewal_id=self.renewal_id,
            office_ref=self.office_ref,
            tax_code=self.tax_code,
            budget_code=self.budget_code,
            document=self.form,
            signed_kind="signed_form",
            not_awaiting=RefusalReason.NOT_AWAITING,
        )

    def check_signer(self, certificate: Certificate) -> None:
        """Accepts any certificate: renewal decides by the facts in the event."""

    def sign(self, attempt: Attempt, completion: Completion, now: datetime) -> Decision[Self]:
        """Signed at the moment that its stamp shows."""
        matched = match(completion.certificate, self.tax_code, self.budget_code)
        event = FormSigned(
            **event_fields(self, self.confirmed_on, now),
            form_revision=self.revision,
            issued_form=self.form.sha256,
            signed_form=completion.signed,
            signed_at=attempt.opened_at,
            certificate=completion.certificate.facts(matched),
        )
        signed = {"status": FormStatus.SIGNED, "signed_form": completion.signed, "signed_revision": None}
        return Decision(self.with_attempt(attempt).model_copy(update=signed), (event,))

    @property
    def signed_with(self) -> Certificate | None:
        """The certificate of the newest signature."""
        done = (a.certificate for a in reversed(self.attempts) if a.status is AttemptStatus.COMPLETED)
        return next(done, None)

    def updated(self, **change: Any) -> Self:
        return self.model_copy(update=change)


def open_form(event: RenewalRegistered) -> Decision[SigningDocument]:
    """Open the form of a new registration, which the office signs now or may sign later."""
    return Decision(
        SigningDocument(
            renewal_id=event.renewal_id,
            subscription_id=event.subscription_id,
            office_ref=event.office_ref,
            product_code=event.product_code,
            confirmed_on=event.effective_on,
            tax_code=event.office.tax_code,
            budget_code=event.office.budget_code,
            term=event.term,
            form=event.form,
            revision=event.form_revision,
            send_by=event.send_by,
            ordered=OrderedTerm(**event.model_dump(include=set(OrderedTerm.model_fields))),
        )
    )


def accept_paper(state: SigningDocument, event: PaperFormAccepted) -> Decision[SigningDocument]:
    """The desk found the stamped form in order: it counts as a signed form. Its contract may be sealed."""
    return Decision(state.updated(accepted_paper=event.scan))


def change_sending(state: SigningDocument, event: SendingChanged) -> Decision[SigningDocument]:
    """Change how the form is sent. On paper: it can't be signed here. Electronic again: the same form."""
    if state.status is FormStatus.SIGNED:
        return Decision(state)
    return Decision(state.without_open_attempt().updated(send_by=event.send_by))


def close(state: SigningDocument) -> Decision[SigningDocument]:
    """Its registration was refused or taken back: it gets no contract. A signed form stays signed."""
    if state.status is FormStatus.SIGNED:
        return Decision(state.updated(ended=True))
    return Decision(state.without_open_attempt().updated(status=FormStatus.CLOSED, ended=True))


def replace_form(state: SigningDocument, event: FormReissued) -> Decision[SigningDocument]:
    """Replace the form by a later revision, unless it is closed. A signed form stays signed if the signature
    counts for the new term. Otherwise the office signs again, or agrees."""
    if state.status is FormStatus.CLOSED or event.form_revision <= state.revision:
        return Decision(state)
    signed = state.signed_revision or state.revision
    counts = state.signed_form is not None and signed not in event.unconfirmed
    return Decision(
        state.without_open_attempt().updated(
            confirmed_on=event.effective_on,
            term=event.term,
            form=event.form,
            revision=event.form_revision,
            status=FormStatus.SIGNED if counts else FormStatus.AWAITING,
            signed_revision=signed if state.signed_form else None,
        )
    )


def confirm_term(state: SigningDocument) -> Decision[SigningDocument]:
    """The office agreed to the term of the form in force: what it signed before counts for it."""
    if state.status is not FormStatus.AWAITING or state.signed_form is None:
        return Decision(state)
    return Decision(state.without_open_attempt().updated(status=FormStatus.SIGNED))


def supersede(
    state: SigningDocument, expired_on: date, effective_on: date, now: datetime
) -> Decision[SigningDocument]:
    """The service that expired on `expired_on` was terminated: a form that relies on it is no longer true.

    Still true are a form of another term, a form registered after the termination, and one confirmed on the
    day before it: signed after midnight, it counts for the day of confirmation.
    """
    of_it = state.term.basis_expires_on == expired_on and state.term.basis_stage is not Stage.TERMINATED
    untrue = of_it and state.confirmed_on != effective_on - timedelta(days=1)
    if state.status is not FormStatus.AWAITING or not untrue:
        return Decision(state)
    event = SigningSuperseded(
        **event_fields(state, effective_on, now),
        form_revision=state.revision,
        issued_form=state.form.sha256,
        reason="terminated",
    )
    return Decision(state.without_open_attempt().updated(status=FormStatus.SUPERSEDED), (event,))


def event_fields(state: SigningDocument, effective_on: date, now: datetime) -> dict[str, Any]:
    """The fields that every event about a form has."""
    return {
        "subscription_id": state.subscription_id,
        "office_ref": state.office_ref,
        "product_code": state.product_code,
        "effective_on": effective_on,
        "occurred_at": now,
        "recorded_at": now,
        "renewal_id": state.renewal_id,
    }
