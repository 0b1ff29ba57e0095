"""Until when an unsigned form should be signed, or a picture of the stamped form come: what happens first
without it, and what is suspended already."""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import Renewal
from shared.situation import Situation, SituationKind

RUNNING = (
    SituationKind.ACTIVE,
    SituationKind.EXPIRING,
    SituationKind.LAST_DAY,
    SituationKind.TEMPORARY,
)
"""The product can be used in full, until a known day."""
_SUSPENDED = (SituationKind.LOCKED, SituationKind.FINAL_NOTICE)
_LIMITED = (SituationKind.READ_ONLY, SituationKind.LIMITED)
_POSTING = (RegistrationStatus.AWAITING_PAPER, RegistrationStatus.PAPER_RETURNED)


Ended = Literal["registration.suspended", "registration.limited"]
Opens = Literal[
    "registration.sign_opens",
    "registration.show_opens",
    "registration.sign_opens_left",
    "registration.show_opens_left",
]


class SignatureDeadline(NamedTuple):
    """`text` is the key of the page's sentence. `day` is the day in it, today or later; None: no day is
    set."""

    text: Literal[
        "registration.sign_before",
        "registration.sign_lock",
        "registration.sign_overdue",
        "registration.show_lock",
        "notice.unsigned",
    ]
    day: date | None

    @property
    def last_day(self) -> date | None:
        """The last day on which the form can be signed, or shown. None: no day is set."""
        return self.day - timedelta(days=1) if self.day and self.text == "notice.unsigned" else self.day


class Suspension(NamedTuple):
    """Access ended with `day`. `text` is the key of the sentence that says so, `opens` of the one that says
    what gives it back."""

    text: Ended
    day: date
    opens: Opens


def suspension(
    renewal: Renewal, situation: Situation, temporary_until: date | None = None
) -> Suspension | None:
    """What is suspended until the form is signed, or shown in a picture. None if nothing is, or neither is
    awaited. `temporary_until` is the last day of this term's temporary access, None if none was given."""
    if situation.kind not in (*_SUSPENDED, *_LIMITED):
        return None
    if renewal.status is not RegistrationStatus.AWAITING_SIGNATURE and not _may_show(renewal):
        return None
    text: Ended = "registration.suspended" if situation.kind in _SUSPENDED else "registration.limited"
    used = temporary_until is not None and temporary_until > situation.last_day
    return Suspension(text, situation.usable_until, _opens(renewal, used=used))


def _opens(renewal: Renewal, *, used: bool) -> Opens:
    """`used`: the product has temporary access, and the office had some of it."""
    if renewal.status is RegistrationStatus.AWAITING_SIGNATURE:
        return "registration.sign_opens_left" if used else "registration.sign_opens"
    return "registration.show_opens_left" if used else "registration.show_opens"


def _may_show(renewal: Renewal) -> bool:
    """Whether a first picture of the stamped form is still to come."""
    return renewal.status in _POSTING and not renewal.newest_document("paper_copy")


def signature_deadline(renewal: Renewal, situation: Situation, today: date) -> SignatureDeadline | None:
    """The earliest of the end of service, the lock and the reminder. Once access is suspended, the reminder
    is no date to wait for. For a form on paper: the lock, which a picture prevents. None if neither is
    awaited."""
    if renewal.status is not RegistrationStatus.AWAITING_SIGNATURE:
        return _picture_deadline(renewal, situation, today)
    found: list[SignatureDeadline] = []
    if situation.ends_on and situation.kind is not SituationKind.TERMINATED:
        found.append(SignatureDeadline("notice.unsigned", situation.ends_on))
    if situation.kind in RUNNING and situation.usable_until >= today:
        found.append(SignatureDeadline("registration.sign_lock", situation.usable_until))
    suspended = situation.kind in (*_SUSPENDED, *_LIMITED)
    reminded_on = None if suspended else expected_by(renewal)
    if reminded_on and reminded_on >= today:
        found.append(SignatureDeadline("registration.sign_before", reminded_on))
    none = SignatureDeadline("registration.sign_overdue", None)
    return min(found, key=lambda each: each.last_day or date.max, default=none)


def _picture_deadline(renewal: Renewal, situation: Situation, today: date) -> SignatureDeadline | None:
    """None while temporary access lasts: a picture gives no more than the form that gave it."""
    runs = situation.kind in RUNNING and situation.kind is not SituationKind.TEMPORARY
    if not (_may_show(renewal) and runs and situation.usable_until >= today):
        return None
    return SignatureDeadline("registration.show_lock", situation.usable_until)
