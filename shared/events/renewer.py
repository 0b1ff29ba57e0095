"""Events of the renewal service about the person who renews for an office: whom the vendor's desk named, and
which notices that person saw or the desk gave in place of a mail."""

from datetime import date
from typing import ClassVar

from shared.events.base import DocumentRef, Event


class RenewerNamed(Event):
    """The vendor's desk named another person of the office to renew all its products. `user_ref` is the
    person's id at the platform, `evidence` the document behind it. `product_code` is one of the products,
    always the same."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.renewer_named.v1"

    user_ref: str
    evidence: DocumentRef


class RenewerWithdrawn(Event):
    """The person whom the desk named before no longer renews for the office."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.renewer_withdrawn.v1"

    user_ref: str


class NoticeGivenByDesk(Event):
    """A clerk called the office in place of a notice that could not be delivered, or could not reach it and
    closed the call. `reason` is the notice's stage, `term` its last day of use, `counted_from` the day to
    which it counted."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.notice_given_by_desk.v1"

    notice_id: str
    reason: str
    term: date | None
    counted_from: date | None = None


class NoticeSeen(Event):
    """The office's renewer, signed in, saw a page that says the same as the notice of the stage `reason`.
    `term` is its last day of use, `counted_from` the day to which it counted."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.notice_seen.v1"

    reason: str
    term: date
    counted_from: date


class HeldDateConfirmed(Event):
    """The desk confirms the last day of use `expires_on` of a subscription whose access is held: the office
    has been notified of it."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.held_date_confirmed.v1"

    expires_on: date
