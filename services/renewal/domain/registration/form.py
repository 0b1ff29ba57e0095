"""The steps of the registration form: it is registered, and issued again when its term is no longer right."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.renewal.domain import flow
from services.renewal.domain.desk.approval import ApprovalFacts, decide_on_form
from services.renewal.domain.earlier_form import AgreedTerm, EarlierForm, ReissueReason
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.payment.commitment import SEEN_AFTER, Commitment
from services.renewal.domain.payment.transfer import transfer_of
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import (
    AWAITED,
    DeskReason,
    FormCheck,
    Renewal,
    event_fields,
)
from services.renewal.domain.vendor import Vendor
from services.renewal.domain.wait import wait_until
from services.renewal.domain.working_days import working_day_after
from shared.events.base import DocumentRef, SendBy
from shared.events.order import TransferDetails
from shared.events.renewal import FormReissued, RenewalRegistered, TermConfirmed
from shared.events.signing import SigningSuperseded
from shared.storage.aggregate import Decision
from shared.text.names import words


def register(
    registration: Registration, form: DocumentRef, vendor: Vendor, now: datetime, *, asked: int | None = None
) -> Decision[Renewal]:
    """A new renewal: the office registered and chose the way of sending. `form` is revision 1, rendered.
    `asked`: for how many đồng its event asks, where a replaced registration was paid; None for all."""
    status = AWAITED[registration.send_by]
    state = Renewal(
        registration=registration,
        status=status,
        form_revision=1,
        dossier=(),
        since=registration.registered_at,
        name_words=words(registration.office.name),
        payment_followed=True,
        commitment=_commitment(registration),
        stands_for=tuple(each.subscription_id for each in registration.on_form),
    )
    event = RenewalRegistered(
        **event_fields(registration, now),
        send_by=registration.send_by,
        office=registration.office,
        kind=registration.kind,
        term=registration.term,
        **registration.order.event_fields,
        form=form,
        form_revision=state.form_revision,
        conditions=registration.conditions,
        transfer=_transfer(state, vendor, asked),
        package_name=registration.order.package_name,
        seen_by=_seen_by(registration),
        wait_until=wait_until(state),
        full_grant=registration.full_grant,
        joined=tuple(each.as_joined for each in registration.joined),
    )
    return Decision(state.with_document("form", form, now), (event,))


def _commitment(registration: Registration) -> Commitment | None:
    """None if there is nothing to pay, or the office declares that it has paid."""
    pay_by = registration.pay_by if registration.total else None
    return Commitment.made(pay_by, registration.registered_on) if pay_by else None


def _seen_by(registration: Registration) -> date | None:
    """None if there is nothing to pay, or the office doesn't declare that it has paid."""
    is_claimed = registration.payment.kind == "paid" and registration.total
    return working_day_after(registration.registered_on, SEEN_AFTER) if is_claimed else None


def _transfer(renewal: Renewal, vendor: Vendor, asked: int | None) -> TransferDetails | None:
    """None where nothing is committed to be paid, or nothing is left."""
    amount = renewal.registration.total if asked is None else asked
    return transfer_of(renewal, vendor, amount) if renewal.commitment and amount else None


def is_superseded(renewal: Renewal, superseded: SigningSuperseded) -> bool:
    """Whether signing closed the current form, so that it must be issued again."""
    unsent = flow.may(renewal.status, FlowStep.REISSUE)
    return unsent and superseded.form_revision == renewal.form_revision


def is_outdated(renewal: Renewal, last_days: Mapping[UUID, date]) -> bool:
    """Whether a last day of use was corrected after the form was issued, so that it must be restated.
    `last_days` are the current ones, by subscription; an unknown one counts as unchanged."""
    moved = any(
        each.term.basis_expires_on != last_days.get(each.subscription_id, each.term.basis_expires_on)
        for each in renewal.carried
    )
    return moved and flow.may(renewal.status, FlowStep.REISSUE)


def reissue(
    renewal: Renewal,
    registration: Registration,
    form: DocumentRef,
    reason: ReissueReason,
    facts: ApprovalFacts,
    now: datetime,
) -> Decision[Renewal]:
    """Issues the restated `registration` as the next revision, with its rendered `form`.

    An earlier revision that is already signed stays valid where the new term doesn't end earlier. Where it
    does, the office must agree to the new term or sign again.
    """
    old = renewal.registration.term
    replaced = EarlierForm(
        revision=renewal.form_revision,
        term=old,
        agreed_to=old.term_to,
        reason=reason,
        reissued_at=now,
        joined=tuple(AgreedTerm(term=each.term, agreed_to=each.term.term_to) for each in renewal.carried[1:]),
    )
    restated = renewal.with_changes(
        registration=registration,
        form_revision=renewal.form_revision + 1,
        earlier=(*renewal.earlier, replaced),
    ).with_document("form", form, now)
    after = _continue(restated, facts, now)
    event = FormReissued(
        **event_fields(registration, now),
        term=registration.term,
        form=form,
        form_revision=restated.form_revision,
        reason=reason,
        old_term=old,
        unconfirmed=restated.unconfirmed,
        wait_until=wait_until(after.state),
    )
    return Decision(after.state, (event, *after.events))


def _continue(restated: Renewal, facts: ApprovalFacts, now: datetime) -> Decision[Renewal]:
    check = restated.judged
    if restated.status is RegistrationStatus.PAPER_RECEIVED:
        return Decision(restated)
    if restated.status is not RegistrationStatus.AWAITING_CONFIRMATION:
        if (
            check is not None
            and _waits_only_for_term(restated, check)
            and restated.is_valid_revision(check.revision)
        ):
            return decide_on_form(restated, check, facts, now)
        return Decision(restated.with_status(AWAITED[restated.registration.send_by], now, returned=None))
    if check is None:  # stored before `judged` existed: a person decides on the form
        return Decision(restated)
    waited_for_this = restated.needs_desk is DeskReason.EXPIRY_MOVED
    if waited_for_this or not restated.is_valid_revision(check.revision):
        return decide_on_form(restated, check, facts, now)
    return Decision(restated)


def confirm_term(renewal: Renewal, revision: int, facts: ApprovalFacts, now: datetime) -> Decision[Renewal]:
    """The office agrees to the term of the restated form, which it saw as `revision`. Earlier revisions that
    are signed then count for the new term. Raises RenewalError."""
    flow.check(renewal.status, FlowStep.CONFIRM_TERM)
    if revision != renewal.form_revision:
        raise RenewalError("form-restated", revision=str(renewal.form_revision))
    waited = renewal.unconfirmed
    if not waited:
        return Decision(renewal)
    agreed, registration = _agree(renewal), renewal.registration
    check = renewal.judged
    after = Decision(agreed)
    if check and check.revision in waited and _waits_only_for_term(renewal, check):
        after = decide_on_form(agreed, check, facts, now)
    event = TermConfirmed(
        **event_fields(registration, now),
        form_revision=revision,
        term=registration.term,
        wait_until=wait_until(after.state),
    )
    return Decision(after.state, (event, *after.events))


def _waits_only_for_term(renewal: Renewal, check: FormCheck) -> bool:
    """Whether the checked form waits for nothing else than the office's agreement to the term."""
    way = renewal.registration.send_by
    if check.send_by is not way or renewal.status is not AWAITED[way]:
        return False
    return way is SendBy.ELECTRONIC or (
        renewal.posted is not None and renewal.posted.revision == check.revision
    )


def _agree(renewal: Renewal) -> Renewal:
    terms = [each.term for each in renewal.carried]
    return renewal.with_changes(earlier=tuple(form.agree_to(terms) for form in renewal.earlier))
