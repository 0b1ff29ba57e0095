"""Files from the desk's feeder: the aggregate `Feed` (one uploaded file) and `Sheet` (one of its pages)."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_code import FormCode
from shared.events.base import DocumentRef
from shared.ids import derived
from shared.storage.aggregate import Decision, State


class Feed(State):
    """An uploaded file. `file` is the original upload, which is never served; `read` counts the `pages` read
    so far. `entry_id`: all its pages belong to that form. `fault`: the rule that stopped the reading. `kept`:
    the file is still stored; when all pages are read, it isn't needed any more."""

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


class SheetStatus(StrEnum):
    """What is known of a sheet. MATCHED: a page of a form. REPEATED: a page of a form that already has its
    scan from another file. UNREAD: a person must look. BLANK: nothing is on it, as a person or the reader
    found."""

    UNREAD = "unread"
    MATCHED = "matched"
    REPEATED = "repeated"
    BLANK = "blank"
    SET_ASIDE = "set_aside"


class Sheet(State):
    """Page `n` (from 1) of a feed. `image` None: the page can't be rendered, and `fault` names the rule.
    `remarks`: what is unusual about the picture. `entry_id`: the form that the page belongs to, if any."""

    id: UUID
    batch_id: UUID
    feed_id: UUID
    n: int
    fed_at: datetime
    image: DocumentRef | None
    code: FormCode | None
    remarks: tuple[str, ...] = ()
    fault: str | None = None
    shows: SheetStatus = SheetStatus.UNREAD
    entry_id: UUID | None = None
    settled_by: str | None = None


def feed_id(batch_id: UUID, entry_id: UUID | None, sha256: str) -> UUID:
    """The id of the feed: the same file in the same batch always has the same id."""
    return derived("feed", batch_id, entry_id, sha256)


def sheet_id(feed_id: UUID, n: int) -> UUID:
    return derived("sheet", feed_id, n)


def record_page(feed: Feed, n: int) -> Decision[Feed]:
    return Decision(feed.model_copy(update={"read": n, "reading": n < feed.pages}))


def give_up(feed: Feed, rule: str) -> Decision[Feed]:
    return Decision(feed.model_copy(update={"reading": False, "fault": rule}))


def resume(feed: Feed, by: str, now: datetime) -> Decision[Feed] | None:
    """The file was uploaded again: its reading continues. None where it is still being read, or all pages are
    already read."""
    if feed.reading or feed.read == feed.pages:
        return None
    fresh = {"reading": True, "fault": None, "kept": True, "fed_by": by, "fed_at": now}
    return Decision(feed.model_copy(update=fresh))


def release_file(feed: Feed) -> Decision[Feed]:
    return Decision(feed.model_copy(update={"kept": False}))


def classify(sheet: Sheet, shows: SheetStatus, entry_id: UUID | None, by: str) -> Decision[Sheet] | None:
    """A person says what the sheet shows. None where nothing changes. Raises RenewalError for a page of a
    form without a picture."""
    if (sheet.shows, sheet.entry_id) == (shows, entry_id):
        return None
    if shows is SheetStatus.MATCHED and sheet.image is None:
        raise RenewalError("sheet-without-picture")
    return Decision(sheet.model_copy(update={"shows": shows, "entry_id": entry_id, "settled_by": by}))
