"""What a notice of one registration is about, other than its receipt and its contract: its form, signed
or stamped, and that the vendor closed it. A clerk's words are kept as they were written."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.notifier.domain.frozen import Frozen
from services.notifier.domain.reason import NoticeReason
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperFormAwaited,
    PaperFormReceived,
    PaperFormReturned,
    ReturnReason,
)
from shared.events.renewal import FormReissued, FormSignatureAwaited, RenewalCancelled, RenewalRefused


class RegistrationMatter(Frozen):
    """Of no stage: it holds whatever stage is in force."""

    stage: None = None
    since: None = None
    renewal_id: UUID
    registration_no: str

    @property
    def occasion(self) -> str:
        return str(self.renewal_id)


class _TermlessMatter(RegistrationMatter):
    term: None = None


class AddressChanged(_TermlessMatter):
    """Told to the address known before: mail about the registration goes to one that it declares."""

    reason: Literal[NoticeReason.ADDRESS_CHANGED] = NoticeReason.ADDRESS_CHANGED


class _ReminderMatter(_TermlessMatter):
    """`days_waited` are working days; it is the `reminder`-th time we say so, counted from each time on that
    the form began to be awaited."""

    days_waited: int
    reminder: int
    awaited_since: datetime | None = None

    @property
    def occasion(self) -> str:
        since = f" {self.awaited_since.isoformat()}" if self.awaited_since else ""
        return f"{self.renewal_id}{since} {self.reminder}"


class SignatureAwaited(_ReminderMatter):
    reason: Literal[NoticeReason.SIGNATURE_AWAITED] = NoticeReason.SIGNATURE_AWAITED


class PaperAwaited(_ReminderMatter):
    reason: Literal[NoticeReason.PAPER_AWAITED] = NoticeReason.PAPER_AWAITED


class _PaperMatter(_TermlessMatter):
    """One sheet that came by post or was shown: another that comes later, of the same revision too, is
    another."""

    form_revision: int
    told_at: datetime

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.form_revision} {self.told_at.isoformat()}"


class PaperReceived(_PaperMatter):
    reason: Literal[NoticeReason.PAPER_RECEIVED] = NoticeReason.PAPER_RECEIVED
    received_on: date


class PaperReturned(_PaperMatter):
    """`why` is the reason, `note` what the clerk adds to it, or nothing."""

    reason: Literal[NoticeReason.PAPER_RETURNED] = NoticeReason.PAPER_RETURNED
    why: ReturnReason
    note: str


class CopyRefused(_PaperMatter):
    """The copy that was shown is of no stamped form: what it opened ends with `last_day`. `why` are the
    clerk's words."""

    reason: Literal[NoticeReason.COPY_REFUSED] = NoticeReason.COPY_REFUSED
    last_day: date
    why: str


class FormRestated(RegistrationMatter):
    """The form was issued anew with another term: `term_from` to `term`. The last day of use that it counts
    from was `old_basis` and is `basis`. `confirm`: the office must agree to it, or sign anew."""

    reason: Literal[NoticeReason.FORM_RESTATED] = NoticeReason.FORM_RESTATED
    form_revision: int
    why: Literal["terminated", "corrected"]
    old_basis: date
    basis: date
    term_from: date
    term: date
    confirm: bool

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.form_revision}"

    @property
    def number(self) -> str:
        """The notice's, by which the contract cites it."""
        return f"{self.registration_no}/{self.form_revision}"


class RegistrationClosed(_TermlessMatter):
    """By the vendor; `why` are the clerk's words."""

    reason: Literal[NoticeReason.REFUSED, NoticeReason.CANCELLED]
    why: str


FormEvent = FormSignatureAwaited | PaperFormAwaited | PaperFormReceived | PaperFormReturned | PaperCopyRefused
FormMatter = SignatureAwaited | PaperAwaited | PaperReceived | PaperReturned | CopyRefused
ClosureEvent = RenewalRefused | RenewalCancelled


def form_matter(event: FormEvent) -> FormMatter:
    identity = {"renewal_id": event.renewal_id, "registration_no": event.registration_no}
    match event:
        case FormSignatureAwaited() | PaperFormAwaited():
            awaited = event.model_dump(include={"days_waited", "reminder", "awaited_since"})
            matter = PaperAwaited if isinstance(event, PaperFormAwaited) else SignatureAwaited
            return matter(**identity, **awaited)
        case PaperFormReceived():
            paper = {"form_revision": event.form_revision, "told_at": event.occurred_at}
            return PaperReceived(**identity, **paper, received_on=event.received_on)
        case PaperCopyRefused():
            paper = {"form_revision": event.form_revision, "told_at": event.occurred_at}
            return CopyRefused(**identity, **paper, last_day=event.effective_on, why=event.reason)
        case PaperFormReturned():
            paper = {"form_revision": event.form_revision, "told_at": event.occurred_at}
            return PaperReturned(**identity, **paper, why=event.reason, note=event.note)


def restated_matter(event: FormReissued) -> FormRestated:
    """Raises ValueError for an event of before, which doesn't say why."""
    if event.reason is None or event.old_term is None:
        raise ValueError("a form that was issued anew for an untold reason")
    return FormRestated(
        renewal_id=event.renewal_id,
        registration_no=event.registration_no,
        form_revision=event.form_revision,
        why=event.reason,
        old_basis=event.old_term.basis_expires_on,
        basis=event.term.basis_expires_on,
        term_from=event.term.term_from,
        term=event.term.term_to,
        confirm=bool(event.unconfirmed),
    )


def is_news(event: ClosureEvent) -> bool:
    """The office knows of what it took back itself, or replaced by another."""
    if isinstance(event, RenewalRefused):
        return True
    return event.cancelled_by == "desk" and event.replaced_by is None


def closed_matter(event: ClosureEvent) -> RegistrationClosed:
    return RegistrationClosed(
        reason=NoticeReason.REFUSED if isinstance(event, RenewalRefused) else NoticeReason.CANCELLED,
        renewal_id=event.renewal_id,
        registration_no=event.registration_no,
        why=event.reason,
    )
