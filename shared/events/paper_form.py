"""Events of the renewal service, on topic `renewal.events`: of a form that goes on paper."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import DocumentRef, Event


class ReturnReason(StrEnum):
    """Why a paper form was sent back."""

    ILLEGIBLE = "illegible"
    UNSTAMPED = "unstamped"
    WRONG_FORM = "wrong_form"
    ALTERED = "altered"


class PaperCopyUploaded(Event):
    """The office showed its stamped form, photographed or scanned; the original follows by post."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_copy_uploaded.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    shown: DocumentRef


class PaperCopyRefused(Event):
    """The desk found that the copy `shown` shows no stamped form: what it opened ends on `effective_on`, and
    it counts as the term's one. `reason` is the clerk's words, for the office to read."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_copy_refused.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    shown: DocumentRef
    reason: str


class PaperFormAwaited(Event):
    """No stamped form has come in `days_waited` working days since `awaited_since`; it is the `reminder`-th
    time we say so."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_awaited.v1"

    renewal_id: UUID
    registration_no: str
    days_waited: int
    reminder: int
    awaited_since: AwareDatetime | None = None


class PaperFormReceived(Event):
    """The stamped form came by post; `scan` shows it, and nobody has judged it yet."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_received.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    received_on: date
    postmarked_on: date | None
    scan: DocumentRef


class PaperFormReturned(Event):
    """The paper form is no good, so that the office must send another; `note` says more than the reason."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_returned.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    reason: ReturnReason
    note: str


class PaperFormAccepted(Event):
    """The desk found the paper form signed, stamped and unaltered: it stands for a signed form."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.paper_form_accepted.v1"

    renewal_id: UUID
    registration_no: str
    form_revision: int
    received_on: date
    scan: DocumentRef
