"""The steps of a paper form or contract: the office uploads a copy of a form in advance, the desk may refuse
the copy; the paper is received, sent back or accepted."""

from datetime import datetime

from services.renewal.domain import flow
from services.renewal.domain.contract import assent
from services.renewal.domain.desk.approval import ApprovalFacts, decide_on_form
from services.renewal.domain.flow import AWAITING_CONTRACT, FlowStep, RegistrationStatus
from services.renewal.domain.paper.paper_return import CopyRefusal, PaperReturn
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_code import PaperKind
from services.renewal.domain.renewal import FormCheck, PostedForm, Renewal, event_fields
from services.renewal.domain.wait import wait_until
from shared.events.base import DocumentRef, Event, SendBy
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperCopyUploaded,
    PaperFormAccepted,
    PaperFormReceived,
    PaperFormReturned,
    ReturnReason,
)
from shared.events.renewal import SendingChanged
from shared.storage.aggregate import Decision


def upload_copy(renewal: Renewal, copy: DocumentRef, revision: int, now: datetime) -> Decision[Renewal]:
    """The office uploads a copy of its stamped form of that revision before the original comes.

    The same picture again changes nothing. Raises RenewalError where no paper form is awaited.
    """
    flow.check(renewal.status, FlowStep.SHOW_COPY, "paper-not-awaited")
    if copy == renewal.newest_document("paper_copy"):
        return Decision(renewal)
    event = PaperCopyUploaded(**event_fields(renewal.registration, now), form_revision=revision, shown=copy)
    filed = renewal.with_document("paper_copy", copy, now, revision)
    return Decision(filed.with_changes(copy_refused=None), (event,))


def refuse_copy(renewal: Renewal, reason: str, now: datetime) -> Decision[Renewal]:
    """The desk found that the copy shows no stamped form. The form is still awaited. Raises RenewalError
    where there is no copy to check."""
    flow.check(renewal.status, FlowStep.REFUSE_COPY, "no-copy-to-judge")
    if (copy := renewal.copy_to_check) is None:
        raise RenewalError("no-copy-to-judge", standing=renewal.status.value)
    event = PaperCopyRefused(
        **event_fields(renewal.registration, now),
        form_revision=renewal.form_revision,
        shown=copy,
        reason=reason,
    )
    why = CopyRefusal(reason=reason, refused_at=now)
    return Decision(renewal.with_changes(copy_refused=why), (event,))


def receive(renewal: Renewal, form: PostedForm, now: datetime) -> Decision[Renewal]:
    """The stamped form (of any revision) or the contract came by post. A registration that was to be signed
    electronically changes to paper. Raises RenewalError for a revision that was never issued, and where the
    paper isn't awaited any more.
    """
    check_received(renewal, form.revision, form.paper)
    if form.paper == "contract":
        return assent.receive(renewal, form, now)
    if form == renewal.posted and renewal.status is RegistrationStatus.PAPER_RECEIVED:
        return Decision(renewal)
    changes: tuple[Event, ...] = ()
    registration, common = renewal.registration, event_fields(renewal.registration, now)
    if registration.send_by is not SendBy.PAPER:
        changes = (SendingChanged(**common, old_send_by=registration.send_by, send_by=SendBy.PAPER),)
        registration = registration.model_copy(update={"send_by": SendBy.PAPER})
    filed = renewal.with_document("paper_scan", form.scan, now, form.revision)
    after = filed.with_status(
        RegistrationStatus.PAPER_RECEIVED, now, registration=registration, posted=form, returned=None
    )
    came = PaperFormReceived(
        **common,
        form_revision=form.revision,
        received_on=form.received_on,
        postmarked_on=form.postmarked_on,
        scan=form.scan,
        wait_until=wait_until(after),
    )
    return Decision(after, (*changes, came))


def check_received(renewal: Renewal, revision: int, paper: PaperKind = "form") -> None:
    """Raises RenewalError where a form of that revision, or that contract, can't be received."""
    flow.check(renewal.status, FlowStep.RECEIVE_PAPER, "paper-not-awaited")
    if awaited_paper(renewal) != paper:
        raise RenewalError("paper-not-awaited", standing=renewal.status.value)
    if paper == "contract":
        if revision != renewal.nth_contract or renewal.voiding:
            raise RenewalError("contract-not-awaited", standing=renewal.status.value)
    elif not renewal.has_revision(revision):
        raise RenewalError("revision-unknown", revision=str(renewal.form_revision))


def awaited_paper(renewal: Renewal) -> PaperKind:
    """The kind of paper that may come by post: once the registration is accepted, the contract."""
    return "contract" if renewal.status in AWAITING_CONTRACT else "form"


def send_back(renewal: Renewal, reason: ReturnReason, note: str, now: datetime) -> Decision[Renewal]:
    """The desk sends the received paper back: the office must send another. Raises RenewalError."""
    flow.check(renewal.status, FlowStep.RETURN_PAPER, "no-paper-to-judge")
    if renewal.status is RegistrationStatus.ASSENT_RECEIVED:
        return assent.send_back(renewal, reason, note, now)
    posted = renewal.posted
    assert posted is not None  # received
    why = PaperReturn(reason=reason, note=note, returned_at=now)
    after = renewal.with_status(RegistrationStatus.PAPER_RETURNED, now, returned=why, posted=None)
    event = PaperFormReturned(
        **event_fields(renewal.registration, now),
        form_revision=posted.revision,
        reason=reason,
        note=note,
        wait_until=wait_until(after),
    )
    return Decision(after, (event,))


def accept(renewal: Renewal, clerk: str, facts: ApprovalFacts, now: datetime) -> Decision[Renewal]:
    """The desk found the received paper signed, stamped and unaltered. For a form, the rule then decides
    whether to accept the renewal, as for a form signed electronically. Raises RenewalError."""
    flow.check(renewal.status, FlowStep.ACCEPT_PAPER, "no-paper-to-judge")
    if renewal.status is RegistrationStatus.ASSENT_RECEIVED:
        return assent.accept(renewal, now)
    form = renewal.posted
    assert form is not None  # received
    filed = renewal.with_document("signed_form", form.scan, now, form.revision).with_changes(
        accepted_by=clerk
    )
    found = "stamped paper form found in order by the desk"
    check = FormCheck(revision=form.revision, send_by=SendBy.PAPER, found=found, doubt=None)
    after = decide_on_form(filed, check, facts, now)
    event = PaperFormAccepted(
        **event_fields(renewal.registration, now),
        form_revision=form.revision,
        received_on=form.received_on,
        scan=form.scan,
        wait_until=wait_until(after.state),
    )
    return Decision(after.state, (event, *after.events))
