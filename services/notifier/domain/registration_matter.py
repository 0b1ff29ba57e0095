"""The matters of notices about a registration, without its receipt and its contract: its form, signed or
stamped, and its closure by the vendor. A clerk's text is not changed."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.notifier.domain.frozen import Frozen
from services.notifier.domain.reason import NoticeReason
from shared.events.base import Event
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperFormAwaited,
    PaperFormReceived,
    PaperFormReturned,
    ReturnReason,
)
from shared.events.renewal import (
    ContractVoided,
    FormReissued,
    FormSignatureAwaited,
    RenewalCancelled,
    RenewalRefused,
)


class RegistrationMatter(Frozen):
    """A matter of a registration. It does not depend on the stage."""

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
    """Goes to the previous address: mail about the registration now goes to the address that it declares."""

    reason: Literal[NoticeReason.ADDRESS_CHANGED] = NoticeReason.ADDRESS_CHANGED


class _ReminderMatter(_TermlessMatter):
    """`days_waited` are working days. `reminder` is the number of this reminder; it counts from one again
    each time that a new wait for the form begins."""

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
    """One paper form that came by post, or a copy of it. A later one is another matter, even of the same
    revision."""

    form_revision: int
    told_at: datetime

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.form_revision} {self.told_at.isoformat()}"


class PaperReceived(_PaperMatter):
    reason: Literal[NoticeReason.PAPER_RECEIVED] = NoticeReason.PAPER_RECEIVED
    received_on: date


class PaperReturned(_PaperMatter):
    """`note` is what the clerk adds to the reason `why`; it may be empty."""

    reason: Literal[NoticeReason.PAPER_RETURNED] = NoticeReason.PAPER_RETURNED
    why: ReturnReason
    note: str


class CopyRefused(_PaperMatter):
    """The uploaded copy does not show a stamped form: the access that only it gave ends with `last_day`.
    `why` is the clerk's text."""

    reason: Literal[NoticeReason.COPY_REFUSED] = NoticeReason.COPY_REFUSED
    last_day: date
    why: str


class FormRestated(RegistrationMatter):
    """The form was issued again with another term, `term_from` to `term`. The term counts from the last day
    of use: `old_basis` before, `basis` now. `confirm`: the office must agree to it, or sign again. `form_no`
    is the number on the form of a joined product; None: it is `registration_no`."""

    reason: Literal[NoticeReason.FORM_RESTATED] = NoticeReason.FORM_RESTATED
    form_revision: int
    why: Literal["terminated", "corrected"]
    old_basis: date
    basis: date
    term_from: date
    term: date
    confirm: bool
    form_no: str | None = None

    @property
    def occasion(self) -> str:
        return f"{self.renewal_id} {self.form_revision}"

    @property
    def form_number(self) -> str:
        return self.form_no or self.registration_no

    @property
    def number(self) -> str:
        """The notice's number, by which the contract cites it."""
        return f"{self.form_number}/{self.form_revision}"


class RegistrationClosed(_TermlessMatter):
    """The vendor closed the registration; `why` is the clerk's text. `others_no`: it only took the product
    out of a form, and this is the number of the others' registration. `contract_number`: its contract was in
    force, and is void."""

    reason: Literal[NoticeReason.REFUSED, NoticeReason.CANCELLED]
    why: str
    others_no: str | None = None
    contract_number: str | None = None


FormEvent = FormSignatureAwaited | PaperFormAwaited | PaperFormReceived | PaperFormReturned | PaperCopyRefused
FormMatter = SignatureAwaited | PaperAwaited | PaperReceived | PaperReturned | CopyRefused
ClosureEvent = RenewalRefused | RenewalCancelled | ContractVoided


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
    """Raises ValueError for an event of an older release, which gives no reason."""
    if event.reason is None or event.old_term is None:
        raise ValueError("a reissued form without a reason")
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
        form_no=event.form_no,
    )


def is_news(event: ClosureEvent) -> bool:
    """Whether the office is to be told. It knows if it cancelled or replaced the registration itself. A
    contract that wasn't in force closes nothing."""
    if isinstance(event, RenewalRefused):
        return True
    if isinstance(event, ContractVoided):
        return event.in_force
    return event.cancelled_by == "desk" and event.replaced_by is None


def is_left_out(event: Event) -> bool:
    """Whether a product was taken out of a joint registration, which goes on without it."""
    return isinstance(event, RenewalCancelled) and event.others_no is not None


def closed_matter(event: ClosureEvent) -> RegistrationClosed:
    return RegistrationClosed(
        reason=NoticeReason.REFUSED if isinstance(event, RenewalRefused) else NoticeReason.CANCELLED,
        renewal_id=event.renewal_id,
        registration_no=event.registration_no,
        why=event.reason,
        others_no=event.others_no if isinstance(event, RenewalCancelled) else None,
        contract_number=event.contract_number if isinstance(event, ContractVoided) else None,
    )
