"""Events of the renewal service, on topic `renewal.events`: forms that are sent on paper."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import DocumentRef, Event, RegistrationEvent


class ReturnReason(StrEnum):
    """Why a paper form was sent back."""

    ILLEGIBLE = "illegible"
    UNSTAMPED = "unstamped"
    WRONG_FORM = "wrong_form"
    ALTERED = "altered"


class PaperCopyUploaded(RegistrationEvent):
    """The office uploaded a photo or scan of its stamped form; the original follows by post."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_copy_uploaded.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    shown: DocumentRef


class PaperCopyRefused(RegistrationEvent):
    """The desk found no stamped form on the copy `shown`. The access that the copy alone opened ends on
    `effective_on`; if a day of it was used, the copy uses up the one allowed per term. `reason` is the
    clerk's text for the office."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_copy_refused.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    shown: DocumentRef
    reason: str


class PaperFormAwaited(Event):
    """No stamped form has come in `days_waited` working days since `awaited_since`. This is reminder number
    `reminder`."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_awaited.v1"

    renewal_id: UUID
    registration_no: str
    days_waited: int
    reminder: int
    awaited_since: AwareDatetime | None = None


class PaperFormReceived(RegistrationEvent):
    """The stamped form came by post. `scan` shows it; the desk has not checked it yet."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_received.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    received_on: date
    postmarked_on: date | None
    scan: DocumentRef
    wait_until: date | None = None


class PaperFormReturned(RegistrationEvent):
    """The desk sent the paper form back: the office must send another. `note` explains the reason."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_returned.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    reason: ReturnReason
    note: str
    wait_until: date | None = None


class PaperFormAccepted(RegistrationEvent):
    """The desk found the paper form signed, stamped and unaltered: it counts as a signed form."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_accepted.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    received_on: date
    scan: DocumentRef
    wait_until: date | None = None
