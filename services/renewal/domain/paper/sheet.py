"""What a feeder brings: the aggregate `Feed`, one uploaded file, and `Sheet`, one of its pages."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_code import FormCode
from shared.events.base import DocumentRef
from shared.ids import derived
from shared.storage.aggregate import Decision, State


class Feed(State):
    """`file` is the upload as it came, never served; `read` counts those of its `pages` that are read.
    `entry_id`: all its pages are of that one form. `fault`: the rule by which the rest could not be read.
    `kept`: the file is still there; once it is read its pages are, and nobody needs it."""

    id: UUID
    batch_id: UUID
    entry_id: UUID | None
    file: DocumentRef
    pages: int
    read: int = 0
    reading: bool = True
    fault: str | None = None
    kept: bool = True
    fed_by: str
    fed_at: datetime


class Shows(StrEnum):
    """What a sheet shows: of a form, or not. REPEATED: of a form that had its scan from another file.
    UNREAD waits for a person. BLANK: nothing is on it, as a person or the reader saw."""

    UNREAD = "unread"
    MATCHED = "matched"
    REPEATED = "repeated"
    BLANK = "blank"
    SET_ASIDE = "set_aside"


class Sheet(State):
    """The page `n`, from 1. `image` None: it can't be drawn, `fault` names the rule. `remarks`: what is odd
    about the picture. `entry_id` is the form's, where it is of one."""

    id: UUID
    batch_id: UUID
    feed_id: UUID
    n: int
    fed_at: datetime
    image: DocumentRef | None
    code: FormCode | None
    remarks: tuple[str, ...] = ()
    fault: str | None = None
    shows: Shows = Shows.UNREAD
    entry_id: UUID | None = None
    settled_by: str | None = None


def feed_id(batch_id: UUID, entry_id: UUID | None, sha256: str) -> UUID:
    """The same file in the same batch is the same feed."""
    return derived("feed", batch_id, entry_id, sha256)


def sheet_id(feed_id: UUID, n: int) -> UUID:
    return derived("sheet", feed_id, n)


def page_read(feed: Feed, n: int) -> Decision[Feed]:
    return Decision(feed.model_copy(update={"read": n, "reading": n < feed.pages}))


def gave_up(feed: Feed, rule: str) -> Decision[Feed]:
    return Decision(feed.model_copy(update={"reading": False, "fault": rule}))


def again(feed: Feed, by: str, now: datetime) -> Decision[Feed] | None:
    """The file was brought again. None where it needn't be: what is gone is read as far as it could be."""
    if feed.reading or feed.read == feed.pages:
        return None
    fresh = {"reading": True, "fault": None, "kept": True, "fed_by": by, "fed_at": now}
    return Decision(feed.model_copy(update=fresh))


def let_go(feed: Feed) -> Decision[Feed]:
    return Decision(feed.model_copy(update={"kept": False}))


def settled(sheet: Sheet, shows: Shows, entry_id: UUID | None, by: str) -> Decision[Sheet] | None:
    """A person says what it shows. None: that it does already. Raises Refused for a page of a form that has
    no picture."""
    if (sheet.shows, sheet.entry_id) == (shows, entry_id):
        return None
    if shows is Shows.MATCHED and sheet.image is None:
        raise RenewalError("sheet-without-picture")
    return Decision(sheet.model_copy(update={"shows": shows, "entry_id": entry_id, "settled_by": by}))
