"""The aggregate `Notice`: one message about one matter, to one contact, by one channel, sent once.

recorded ─▶ sending ─▶ delivered | refused | parked, or, for an insistent reason, unknown ─▶ sending again.
A notice that the server did not take goes back to recorded (domain/delivery.py says for how long). One that
is no longer true when it is due becomes overtaken.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from services.notifier.domain.assent_matter import ContractReturned, ContractToSign
from services.notifier.domain.bounce import SmtpReply
from services.notifier.domain.contact import DeclaredContact, contact_id, former_contact_key
from services.notifier.domain.matter import Expiring, GrantMatter, Matter, NoticeEvent, StageMatter, matter_of
from services.notifier.domain.payment.matter import PaymentMatter, is_obsolete
from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.registration_matter import (
    AddressChanged,
    FormRestated,
    PaperAwaited,
    PaperReturned,
    SignatureAwaited,
)
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from services.notifier.domain.urgency import urgency_of
from shared.events.renewal import FormReissued, RenewalRegistered
from shared.ids import derived
from shared.situation import Turn
from shared.storage.aggregate import Decision, State
from shared.time.calendar import civil_date

CHANNEL: Literal["email"] = "email"

# A notice that comes days late waits this long: the next event may overtake it.
_LATE_WAIT = timedelta(seconds=3)
_RequestMatter = SignatureAwaited | PaperAwaited | PaperReturned | ContractToSign | ContractReturned
_REQUESTED_TURN = {
    SignatureAwaited: Turn.SIGN,
    PaperAwaited: Turn.SEND_PAPER,
    PaperReturned: Turn.SEND_PAPER,
    ContractToSign: Turn.ASSENT,
    ContractReturned: Turn.ASSENT,
}
_PERISHABLE = StageMatter | _RequestMatter | PaymentMatter


class NoticeStatus(StrEnum):
    RECORDED = "recorded"
    SENDING = "sending"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    PARKED = "parked"
    OVERTAKEN = "overtaken"


class Wait(StrEnum):
    """What a notice waits for: its turn, the repair of our relay, its recipient's server, a retry after an
    unknown outcome, or content that is missing."""

    TURN = "turn"
    RELAY = "relay"
    RECIPIENT = "recipient"
    ANSWER = "answer"
    CONTENT = "content"


class Notice(State):
    """The recipient is `contact_id`: address and name are looked up when it is sent.

    `due_at` (domain time) is null once the notice has ended. Of those that are due, the sender takes the
    lowest `urgency` first, and a notice of an older release, which has none. Until `held_until` (real time)
    no sender touches it; while it is `sending`, the attempt has certainly ended by then. `failures` counts
    the attempts that the server did not take, `unknowns` those that it may have taken without a reply.
    `refused_since` (domain time) is when the recipient began to refuse it, unless the relay is at fault;
    `refused_at` (real time) is the last attempt that failed. `doubted` is a hard bounce that becomes final if
    the relay proves healthy.
    """

    id: UUID
    subscription_id: UUID
    office_ref: str
    product_code: str
    zone: str
    matter: Matter
    channel: Literal["email"] = CHANNEL
    contact_id: UUID
    message_id: str
    correlation_id: UUID
    recorded_at: datetime
    status: NoticeStatus = NoticeStatus.RECORDED
    due_at: datetime | None
    urgency: int = 0
    held_until: datetime | None = None
    attempts: int = 0
    attempted_at: datetime | None = None
    failures: int = 0
    unknowns: int = 0
    smtp_code: int | None = None
    waits_for: Wait = Wait.TURN
    refused_since: datetime | None = None
    refused_at: datetime | None = None
    doubted: SmtpReply | None = None


def notice_id(subscription_id: UUID, matter: Matter, contact: UUID) -> UUID:
    """The notice's id: the same for one matter and one contact, whichever event brings it."""
    return derived("notice", subscription_id, matter.term, matter.reason, matter.occasion, CHANNEL, contact)


@dataclass(frozen=True, slots=True)
class NoticeKey:
    """What a notice is about, and whom it tells. Both give its `id`."""

    matter: Matter
    contact_id: UUID
    id: UUID

    @classmethod
    def of(cls, event: NoticeEvent) -> Self:
        return cls.about(event, matter_of(event), contact_id(event.subscription_id))

    @classmethod
    def about(cls, event: NoticeEvent, matter: Matter, contact: UUID) -> Self:
        return cls(matter, contact, notice_id(event.subscription_id, matter, contact))


def new_notice(
    event: NoticeEvent,
    key: NoticeKey,
    zone: str,
    mail_domain: str,
    correlation_id: UUID,
    now: datetime,
    real: datetime,
) -> Notice:
    """The notice of `event`, due at once. A reminder that comes after its day, as after an outage, is
    overtaken."""
    matter = key.matter
    overtaken = isinstance(matter, Expiring) and matter.since != civil_date(event.recorded_at, zone)
    late = isinstance(matter, _PERISHABLE) and event.effective_on != civil_date(now, zone)
    return Notice(
        id=key.id,
        subscription_id=event.subscription_id,
        office_ref=event.office_ref,
        product_code=event.product_code,
        zone=zone,
        matter=matter,
        contact_id=key.contact_id,
        message_id=f"<{key.id}@{mail_domain}>",
        correlation_id=correlation_id,
        recorded_at=now,
        status=NoticeStatus.OVERTAKEN if overtaken else NoticeStatus.RECORDED,
        due_at=None if overtaken else now,
        urgency=urgency_of(matter),
        held_until=real + _LATE_WAIT if late else None,
    )


def previous_restatement_id(event: FormReissued) -> UUID | None:
    """The id that the notice of the previous revision has if that was a correction too; None without an old
    term."""
    if event.old_term is None:
        return None
    term, occasion = event.old_term.term_to, f"{event.renewal_id} {event.form_revision - 1}"
    contact = contact_id(event.subscription_id)
    return derived(
        "notice", event.subscription_id, term, NoticeReason.FORM_RESTATED, occasion, CHANNEL, contact
    )


def merge_correction(notice: Notice, before: Notice | None, waits: timedelta) -> Notice:
    """The notice of a form restated for a corrected date. It is due after `waits`, because a further
    correction may overtake it. It starts from the date that the office knows: if no attempt was made to send
    the notice `before`, that is the date from which `before` started."""
    due = {"due_at": notice.recorded_at + waits}
    if before and before.attempts == 0 and isinstance(before.matter, FormRestated):
        old = {"old_basis": before.matter.old_basis}
        return notice.model_copy(update={**due, "matter": notice.matter.model_copy(update=old)})
    return notice.model_copy(update=due)


def record(known: Notice | None, notice: Notice) -> Decision[Notice] | None:
    """Record a new notice. One that is `known` stays as it is, unless it was overtaken and is true again."""
    if known is None:
        return Decision(notice)
    if known.status is not NoticeStatus.OVERTAKEN or notice.status is NoticeStatus.OVERTAKEN:
        return None
    return Decision(notice.model_copy(update={"attempts": known.attempts}))


def address_change_key(event: RenewalRegistered, former: DeclaredContact) -> NoticeKey:
    """Of the notice to the previous address when a registration declares another one. Of the products on one
    form it goes once to each address, whichever product's event comes first."""
    matter = AddressChanged(renewal_id=event.renewal_id, registration_no=event.registration_no)
    contact = contact_id(event.subscription_id, former_contact_key(event.renewal_id))
    key = NoticeKey.about(event, matter, contact)
    if not (event.lead_id or event.joined):
        return key
    form, address = event.lead_id or event.renewal_id, former.email.casefold()
    return replace(key, id=derived("notice", form, matter.reason, CHANNEL, address))


def is_overtaken(matter: Matter, subscription: SubscriptionStatus | None, today: date) -> bool:
    """Whether the notice is no longer true on `today`. Receipts, refusals and contracts stay true."""
    if isinstance(matter, PaymentMatter):
        return _is_obsolete_payment(matter, subscription, today)
    if subscription is None:
        return False
    if isinstance(matter, _RequestMatter):
        return _is_fulfilled(matter, subscription)
    if isinstance(matter, FormRestated):
        known = subscription.renewals.get(matter.renewal_id)
        return known is not None and (known.closed or _restated(known) > matter.form_revision)
    if isinstance(matter, GrantMatter):
        return _is_regranted(matter, subscription)
    return isinstance(matter, StageMatter) and _is_outdated(matter, subscription)


def _restated(known: RegistrationProgress) -> int:
    """The newest revision with another term: one that came for another product on the form says no other."""
    return known.revision if known.restated is None else known.restated


def _is_obsolete_payment(matter: PaymentMatter, subscription: SubscriptionStatus | None, today: date) -> bool:
    found = subscription.renewals.get(matter.renewal_id) if subscription else None
    known = found or RegistrationProgress()
    return is_obsolete(matter, known.payment, today, closed=known.closed)


def _is_fulfilled(matter: _RequestMatter, subscription: SubscriptionStatus) -> bool:
    """Whether the request is done, is no longer needed, or was repeated by a newer reminder."""
    known = subscription.renewals.get(matter.renewal_id)
    if known is None or known.registered_at is None:  # too little is known without the registration itself
        return False
    if not known.waits or known.turn is not _REQUESTED_TURN[type(matter)]:
        return True
    if isinstance(matter, ContractToSign | ContractReturned):
        return known.sign_by != matter.sign_by
    return not isinstance(matter, PaperReturned) and known.reminded > matter.reminder


def _is_regranted(matter: GrantMatter, subscription: SubscriptionStatus) -> bool:
    """Whether the platform was asked for something else meanwhile, or to withdraw it."""
    known = subscription.renewals.get(matter.renewal_id)
    if known is None or known.grant.id is None:
        return False
    grant = known.grant
    return grant.withdrawn or (grant.id, grant.revision) != (matter.grant_id, matter.revision)


def _is_outdated(matter: StageMatter, subscription: SubscriptionStatus) -> bool:
    return (
        subscription.contract is not None
        or subscription.stage != matter.stage
        or subscription.expires_on != matter.term
        or (isinstance(matter, Expiring) and _since(subscription.reminded_on) > matter.since)
    )


def _since(day: date | None) -> date:
    return day or date.min


def overtake(notice: Notice) -> Decision[Notice]:
    return Decision(
        notice.model_copy(update={"status": NoticeStatus.OVERTAKEN, "due_at": None, "held_until": None})
    )
