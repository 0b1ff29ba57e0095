"""Until when an unsigned form should be signed, or a picture of the stamped form come: what happens first
without it, and what is suspended already."""

from datetime import date
from typing import Literal, NamedTuple

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.registration.reminder import expected_by
from services.renewal.domain.renewal import Renewal
from shared.progress.form_deadline import AwaitedForm, DeadlineKind, FormDeadline, form_deadline
from shared.situation import Situation, SituationKind, Turn

_SUSPENDED = (SituationKind.LOCKED, SituationKind.FINAL_NOTICE)
_LIMITED = (SituationKind.READ_ONLY, SituationKind.LIMITED)
_POSTING = (RegistrationStatus.AWAITING_PAPER, RegistrationStatus.PAPER_RETURNED)


DeadlineText = Literal[
    "registration.sign_before",
    "registration.sign_lock",
    "registration.sign_overdue",
    "registration.show_lock",
    "notice.unsigned",
]
Ended = Literal["registration.suspended", "registration.limited"]
Opens = Literal[
    "registration.sign_opens",
    "registration.show_opens",
    "registration.sign_opens_left",
    "registration.show_opens_left",
]


_TEXTS: dict[DeadlineKind, DeadlineText] = {
    DeadlineKind.REMINDER: "registration.sign_before",
    DeadlineKind.SIGNATURE_LOCK: "registration.sign_lock",
    DeadlineKind.PICTURE_LOCK: "registration.show_lock",
    DeadlineKind.END: "notice.unsigned",
    DeadlineKind.NONE: "registration.sign_overdue",
}


class SignatureDeadline(NamedTuple):
    """`text` is the key of the page's sentence. `day` is the day in it, today or later; None: no day is
    set."""

    text: DeadlineText
    day: date | None


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
    """The page's sentence about `deadline_of`. None if neither is awaited."""
    deadline = deadline_of(renewal, situation, today)
    return SignatureDeadline(_TEXTS[deadline.kind], deadline.day) if deadline else None


def deadline_of(renewal: Renewal, situation: Situation, today: date) -> FormDeadline | None:
    """Until when the form should be signed, or shown. None if neither is awaited."""
    is_unsigned = renewal.status is RegistrationStatus.AWAITING_SIGNATURE
    form = AwaitedForm(
        turn=Turn.SIGN if is_unsigned else Turn.SEND_PAPER,
        may_show=_may_show(renewal),
        reminded_on=expected_by(renewal),
    )
    return form_deadline(form, situation, today)
