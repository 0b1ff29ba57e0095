"""Events of the notifier service, on topic `notifier.events`. They name contacts by id, not address."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Event


class NoticeDelivered(Event):
    """The mail server accepted the notice."""

    TYPE: ClassVar[str] = "vn.giahan.notifier.delivered.v1"

    notice_id: str
    reason: str
    channel: Literal["email"]
    contact_id: str
    message_id: str
    term: date | None = None
    """The last day of use that the notice was about, if it was about one."""
    counted_from: date | None = None
    """In a reminder: the last day of use to which its days left were counted."""
    renewal_id: UUID | None = None
    """The registration that the notice was about, if it was about one."""
    smtp_code: int | None = None
    """The server's answer; null in events of older releases."""


class NoticeFailed(Event):
    """The notice could not be delivered. `outcome` unknown: the server did not answer after DATA."""

    TYPE: ClassVar[str] = "vn.giahan.notifier.failed.v1"

    notice_id: str
    reason: str
    channel: Literal["email"]
    contact_id: str
    message_id: str
    outcome: Literal["refused", "unknown"]
    smtp_code: int | None
    term: date | None = None
    counted_from: date | None = None
    renewal_id: UUID | None = None
