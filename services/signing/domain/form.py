"""The aggregate `SigningForm`: a form that an office signs, and the attempts to sign it.

awaiting -> signed; awaiting -> superseded -> (form reissued) awaiting; any that isn't signed -> closed.
A signed form whose term was corrected to end earlier awaits a signature again, until the office agrees.
While the office sends the form on paper, it can't be signed here. `_id` is the renewal's id.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.signing.domain.attempt import Completion, Signable, SigningSubject
from services.signing.domain.certificate import Certificate, match
from services.signing.domain.refusal import RefusalReason
from shared.events.base import DocumentRef, SendBy, Stage
from shared.events.paper_form import PaperFormAccepted
from shared.events.renewal import Conditions, FormReissued, RenewalRegistered, SendingChanged, Term
from shared.events.signing import FormSigned, SigningSuperseded
from shared.storage.aggregate import Decision

_MOST_EARLIER = 20


class FormStatus(StrEnum):
    AWAITING = "awaiting"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class OrderedTerm(BaseModel):
    """What a registration orders, and under which general conditions. Its contract must say the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    registration_no: str
    package: str
    users: int
    storage_gb: int | None = None
    total_vnd: int
    conditions: Conditions | None = None


class JoinedSubscription(BaseModel):
    """Another product on the same form, as the events about it name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    renewal_id: UUID
    subscription_id: UUID
    product_code: str


class SigningForm(Signable):
    """`confirmed_on` is the day on which the office confirmed. A signature after midnight counts for it.

    `ordered` is None in forms of an older release. `accepted_paper` is the scan of the stamped form that the
    desk accepted. `signed_revision` is the revision that was signed, None if it is the one in force. `ended`:
    the registration was refused or cancelled. `earlier_forms` are the revisions before `form`, the newest
    last; an older release didn't keep them. `joined` are the other products on the same form, which are
    signed with it; `lead_id` is the registration that carries the form of this joined one: it isn't signed
    itself.
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
    earlier_forms: tuple[DocumentRef, ...] = ()
    joined: tuple[JoinedSubscription, ...] = ()
    lead_id: UUID | None = None

    @property
    def signed_document(self) -> DocumentRef | None:
        return self.signed_form

    @property
    def can_be_signed(self) -> bool:
        awaits = self.status is FormStatus.AWAITING and self.send_by is SendBy.ELECTRONIC
        return awaits and self.lead_id is None

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
            earlier=self.earlier_forms,
        )

    def check_signer(self, certificate: Certificate) -> None:
        """Accepts any certificate: renewal judges it by the facts in the event."""

    def check_images(self) -> None:
        """Accepts them: the desk looks at the stamp before there is a contract."""

    def sign(self, completion: Completion, signed_at: datetime, now: datetime) -> Decision[Self]:
        """Record the signature. What a person must look at is in the event as `review`, too: an earlier
        release of renewal doesn't know `looks`, and would accept the form by itself."""
        matched = match(completion.certificate, self.tax_code, self.budget_code)
        event = FormSigned(
            **event_fields(self, self.confirmed_on, now),
            form_revision=self.revision,
            issued_form=self.form.sha256,
            signed_form=completion.signed,
            signed_at=signed_at,
            certificate=completion.certificate.facts("review" if completion.looks else matched),
            looks=completion.looks,
        )
        signed = {"status": FormStatus.SIGNED, "signed_form": completion.signed, "signed_revision": None}
        told = (event, *(event.model_copy(update=each.model_dump()) for each in self.joined))
        return Decision(self.model_copy(update=signed), told)

    def signed_with_lead(self, lead: Self | None) -> Self:
        """This joined form as signed with its lead's, where that is signed electronically. Once the lead's
        form went on without it, what was signed before counts."""
        if lead is None or lead.status is not FormStatus.SIGNED or self.status is FormStatus.CLOSED:
            return self
        if self.signed_form and lead.newest_signed > self.revision:
            return self
        signed = {name: getattr(lead, name) for name in ("status", "signed_form", "attempts", "upload")}
        return self.model_copy(update={**signed, "signed_revision": lead.newest_signed})

    @property
    def newest_signed(self) -> int:
        """The revision of a signed form that was signed last."""
        return self.signed_revision or self.revision

    @property
    def signed_with(self) -> Certificate | None:
        """The certificate of the newest signature."""
        return self.signature.certificate if self.signature else None

    def with_changes(self, **change: Any) -> Self:
        return self.model_copy(update=change)


def open_form(event: RenewalRegistered) -> Decision[SigningForm]:
    """Open the form of a new registration. The office signs it now, or may sign it later."""
    return Decision(
        SigningForm(
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
            joined=tuple(
                JoinedSubscription(**each.model_dump(include=set(JoinedSubscription.model_fields)))
                for each in event.joined
            ),
            lead_id=event.lead_id,
        )
    )


def accept_paper(state: SigningForm, event: PaperFormAccepted) -> Decision[SigningForm]:
    """The desk accepted the stamped form. It counts as a signed form: its contract may be sealed."""
    return Decision(state.with_changes(accepted_paper=event.scan))


def change_sending(state: SigningForm, event: SendingChanged) -> Decision[SigningForm]:
    """Change how the form is sent: on paper it can't be signed here, electronically it can. A signed form
    stays as it is."""
    if state.status is FormStatus.SIGNED:
        return Decision(state)
    return Decision(state.without_open_attempt().with_changes(send_by=event.send_by))


def close(state: SigningForm) -> Decision[SigningForm]:
    """Close the form: its registration has ended, so it gets no contract. A signed form stays signed."""
    if state.status is FormStatus.SIGNED:
        return Decision(state.with_changes(ended=True))
    return Decision(state.without_open_attempt().with_changes(status=FormStatus.CLOSED, ended=True))


def replace_form(state: SigningForm, event: FormReissued) -> Decision[SigningForm]:
    """Replace the form by a later revision, unless it is closed. A signed form stays signed if the signature
    counts for the new term. Otherwise the office signs again, or agrees. A joined product whose own renewal
    issues the form has a form of its own from then on."""
    if state.status is FormStatus.CLOSED or event.form_revision <= state.revision:
        return Decision(state)
    signed = state.newest_signed
    counts = state.signed_form is not None and signed not in event.unconfirmed
    return Decision(
        state.without_open_attempt().with_changes(
            confirmed_on=event.effective_on,
            term=event.term,
            form=event.form,
            earlier_forms=(*state.earlier_forms, state.form)[-_MOST_EARLIER:],
            revision=event.form_revision,
            status=FormStatus.SIGNED if counts else FormStatus.AWAITING,
            signed_revision=signed if state.signed_form else None,
            lead_id=event.lead_id,
        )
    )


def keep_signature(
    state: SigningForm, lead: SigningForm, event: FormReissued
) -> Decision[SigningForm] | None:
    """The joined form `state` keeps the lead's signature before `event` replaces the lead's form: the later
    revisions may be of the lead alone. Where the joined form was replaced first, `event` says whether the
    signature counts for it. None where there is nothing to keep."""
    signed = state.signed_with_lead(lead)
    if state.lead_id is None or signed.signed_form == state.signed_form:
        return None
    was_replaced = state.revision > lead.revision
    if was_replaced and lead.newest_signed in event.unconfirmed:
        signed = signed.with_changes(status=FormStatus.AWAITING)
    return Decision(signed)


def confirm_term(state: SigningForm) -> Decision[SigningForm]:
    """The office agreed to the term of the form in force: its earlier signature counts for it."""
    if state.status is not FormStatus.AWAITING or state.signed_form is None:
        return Decision(state)
    return Decision(state.without_open_attempt().with_changes(status=FormStatus.SIGNED))


def supersede(
    state: SigningForm, expired_on: date, effective_on: date, now: datetime
) -> Decision[SigningForm]:
    """Supersede the form if the termination on `effective_on`, of the term that ended on `expired_on`, makes
    it untrue.

    Three kinds of forms stay true: of another term, registered after the termination, or confirmed on the day
    before it. The last kind may be signed after midnight and counts for the day of confirmation.
    """
    of_term = state.term.basis_expires_on == expired_on and state.term.basis_stage is not Stage.TERMINATED
    untrue = of_term and state.confirmed_on != effective_on - timedelta(days=1)
    if state.status is not FormStatus.AWAITING or not untrue:
        return Decision(state)
    event = SigningSuperseded(
        **event_fields(state, effective_on, now),
        form_revision=state.revision,
        issued_form=state.form.sha256,
        reason="terminated",
    )
    return Decision(state.without_open_attempt().with_changes(status=FormStatus.SUPERSEDED), (event,))


def event_fields(state: SigningForm, effective_on: date, now: datetime) -> dict[str, Any]:
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
