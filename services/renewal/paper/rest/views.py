"""The JSON of batches of posted forms. Texts for people are pairs: Vietnamese, English."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.entry import EntryStatus, RejectionReason
from services.renewal.domain.paper.sheet import Feed, Sheet, SheetStatus
from services.renewal.domain.registration.form_code import PaperKind
from services.renewal.paper.batches import BatchTally
from services.renewal.paper.intake import IntakeLine
from services.renewal.rest.views import FoundView
from services.renewal.texts import REFUSALS
from shared.text.i18n import Text


class TallyView(BaseModel):
    """Counts of entries and pages by status. `waiting`: entries without a scan. `reading`: files that are
    being read. `unfinished` must be 0 to close the batch."""

    entries: dict[EntryStatus, int]
    sheets: dict[SheetStatus, int]
    waiting: int
    reading: int
    unfinished: int

    @classmethod
    def of(cls, tally: BatchTally) -> Self:
        return cls(
            entries=tally.entries,
            sheets=tally.sheets,
            waiting=tally.waiting,
            reading=tally.reading,
            unfinished=tally.unfinished,
        )


class BatchView(BaseModel):
    id: UUID
    received_on: date
    postmarked_on: date | None
    status: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    tally: TallyView

    @classmethod
    def of(cls, batch: Batch, tally: BatchTally) -> Self:
        return cls(**batch.model_dump(exclude={"closed_by"}), tally=TallyView.of(tally))


class RejectionView(BaseModel):
    """Why a form isn't received: the refusal's name, the registration's status, and the registration that
    replaced it, if any."""

    reason: str
    text: Text
    standing: str
    replaced_by: UUID | None

    @classmethod
    def of(cls, why: RejectionReason) -> Self:
        return cls(**why.model_dump(), text=REFUSALS[why.reason][1])


class EntryView(BaseModel):
    """An entry. `revision`: the form's revision or, where `paper` is a contract, its place among the
    registration's contracts; `expected`: the current one. `why_not`: why the form would not be received now;
    after the batch was applied, why it was not received. `received_before`: the day on which another form of
    the registration came. `low_resolution`: a page was scanned with under 200 dpi."""

    id: UUID
    at: EntryStatus
    revision: int
    paper: PaperKind
    expected: int
    envelope: int | None
    postmarked_on: date | None
    pages: int
    low_resolution: bool
    registration: FoundView
    why_not: RejectionView | None
    received_before: date | None
    entered_by: str
    entered_at: datetime

    @classmethod
    def of(cls, line: IntakeLine) -> Self:
        entry = line.entry
        why = line.why_not
        return cls(
            **entry.model_dump(include=set(cls.model_fields)),
            expected=line.renewal.nth_contract if entry.paper == "contract" else line.renewal.form_revision,
            pages=line.pages,
            low_resolution=line.low_resolution,
            registration=FoundView.of(line.renewal),
            why_not=RejectionView.of(why) if why else None,
            received_before=line.received_before,
        )


class EnteredView(EntryView):
    """An entered form. `fresh`: it wasn't in the batch before."""

    fresh: bool


class PreviewView(BaseModel):
    """The outcome if the batch were closed now: how many forms would be received, and refused by reason."""

    received: int
    refused: dict[str, int]
    unfinished: int

    @classmethod
    def of(cls, lines: Iterable[IntakeLine], tally: BatchTally) -> Self:
        reasons = Counter(line.why_not.reason if line.why_not else "" for line in lines)
        return cls(received=reasons.pop("", 0), refused=dict(reasons), unfinished=tally.unfinished)


class SheetView(BaseModel):
    """A page. Its picture is at `picture`; null where it can't be rendered (`fault`)."""

    id: UUID
    feed_id: UUID
    n: int
    shows: SheetStatus
    entry_id: UUID | None
    code: str | None
    remarks: list[str]
    fault: str | None
    picture: str | None

    @classmethod
    def of(cls, sheet: Sheet) -> Self:
        picture = f"/v1/desk/batches/{sheet.batch_id}/sheets/{sheet.id}/picture" if sheet.image else None
        return cls(
            id=sheet.id,
            feed_id=sheet.feed_id,
            n=sheet.n,
            shows=sheet.shows,
            entry_id=sheet.entry_id,
            code=sheet.code.number if sheet.code else None,
            remarks=list(sheet.remarks),
            fault=sheet.fault,
            picture=picture,
        )


class FeedView(BaseModel):
    """A file: `read` of its `pages` are read. `fault`: why the rest could not be read."""

    id: UUID
    entry_id: UUID | None
    pages: int
    read: int
    reading: bool
    fault: str | None
    fed_by: str
    fed_at: datetime

    @classmethod
    def of(cls, feed: Feed) -> Self:
        return cls(**feed.model_dump(include=set(cls.model_fields)))
