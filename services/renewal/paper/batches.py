"""Batches, their entries, and what the feeder brought, as they are kept; and the questions asked of them.

Each entry, file and page is an aggregate of its own: a batch has up to 2000 pages, an aggregate up to
256 KiB, and every save writes what changed. Nothing is kept twice: a page names its entry, and an entry's
pages are those that name it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal.domain.paper.batch import Batch, check_open
from services.renewal.domain.paper.entry import Entry, EntryStatus
from services.renewal.domain.paper.sheet import Feed, Sheet, Shows
from services.renewal.domain.refusal import RenewalError
from shared.events.base import DocumentRef
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import Collection, Document, IndexModel, plain
from shared.storage.store import Store

_PENDING = (EntryStatus.ENTERED, EntryStatus.APPLYING)
_IN_ORDER = [("fed_at", 1), ("feed_id", 1), ("n", 1)]

BATCHES = (IndexModel([("opened_at", -1)], name="newest"),)
ENTRIES = (
    IndexModel([("batch_id", 1), ("entered_at", -1)], name="batch"),
    IndexModel([("at", 1), ("batch_id", 1)], name="at"),
)
SHEETS = (
    IndexModel([("batch_id", 1), ("shows", 1), *_IN_ORDER], name="batch"),
    IndexModel([("entry_id", 1), *_IN_ORDER], name="entry"),
)
FEEDS = (
    IndexModel([("batch_id", 1), ("fed_at", 1)], name="batch"),
    IndexModel([("reading", 1)], name="reading", partialFilterExpression={"reading": True}),
    IndexModel([("fed_at", 1)], name="kept", partialFilterExpression={"kept": True}),
)


@dataclass(frozen=True, slots=True)
class BatchTally:
    """How many of a batch's entries stand where, of its pages show what, and of its files are being read.
    `waiting`: entries without a scan."""

    entries: dict[EntryStatus, int]
    sheets: dict[Shows, int]
    waiting: int
    reading: int

    @property
    def forms(self) -> int:
        return sum(count for at, count in self.entries.items() if at is not EntryStatus.UNDONE)

    @property
    def pending(self) -> int:
        return self.entries[EntryStatus.ENTERED] + self.entries[EntryStatus.APPLYING]

    @property
    def unfinished(self) -> int:
        return self.waiting + self.reading + self.sheets[Shows.UNREAD]


@dataclass(frozen=True, slots=True)
class Batches:
    batches: Store[Batch]
    entries: Store[Entry]
    sheets: Store[Sheet]
    feeds: Store[Feed]

    async def batch(self, id: UUID) -> Batch:
        """Raises Refused."""
        if (stored := await self.batches.load(id)) is None:
            raise RenewalError("batch-unknown")
        return stored.state

    async def join(self, id: UUID) -> None:
        """Said when something of the batch has changed: whoever counted before can't close on that count.
        Raises Refused where the batch is closed."""

        def still_open(batch: Batch | None) -> Decision[Batch] | None:
            if batch is None:
                return None
            check_open(batch)
            return Decision(batch)

        await self.batches.change(id, still_open, Cause.command("join batch"))

    async def newest(self, most: int) -> list[Batch]:
        found = await self.batches.find({}, sort=[("opened_at", -1)], limit=most)
        return [stored.state for stored in found]

    async def entry(self, batch_id: UUID, id: UUID) -> Entry:
        """Raises Refused."""
        stored = await self.entries.load(id)
        if stored is None or stored.state.batch_id != batch_id:
            raise RenewalError("entry-unknown")
        return stored.state

    async def standing(self, batch_id: UUID, most: int = 0) -> list[Entry]:
        """Entries that aren't undone, the newest first."""
        query = {"batch_id": batch_id, "at": {"$ne": EntryStatus.UNDONE}}
        found = await self.entries.find(query, sort=[("entered_at", -1), ("_id", 1)], limit=most)
        return [stored.state for stored in found]

    async def pending(self, batch_id: UUID) -> list[Stored[Entry]]:
        """Neither received nor refused yet, the oldest first."""
        query = {"batch_id": batch_id, "at": {"$in": _PENDING}}
        return await self.entries.find(query, sort=[("entered_at", 1), ("_id", 1)])

    async def lies_in(self, renewal_id: UUID) -> bool:
        """Whether paper of it lies in a batch and is neither received nor refused yet."""
        query = {"at": {"$in": plain(_PENDING)}, "renewal_id": str(renewal_id)}
        return await self.entries.collection.find_one(query, {"_id": 1}) is not None

    async def to_apply(self) -> list[Batch]:
        """Closed, with entries that are neither received nor refused yet."""
        ids = await self.entries.collection.distinct("batch_id", {"at": {"$in": plain(_PENDING)}})
        return await self.batches.states({"_id": {"$in": ids}, "status": "closed"})

    async def pages(self, entry_id: UUID) -> list[Sheet]:
        """Of a form, in the order in which they were fed."""
        query = {"entry_id": entry_id, "shows": Shows.MATCHED}
        return [stored.state for stored in await self.sheets.find(query, sort=_IN_ORDER)]

    async def sheet(self, batch_id: UUID, id: UUID) -> Sheet:
        """Raises Refused."""
        stored = await self.sheets.load(id)
        if stored is None or stored.state.batch_id != batch_id:
            raise RenewalError("sheet-unknown")
        return stored.state

    async def showing(self, batch_id: UUID, shows: Shows, most: int = 0) -> list[Sheet]:
        query = {"batch_id": batch_id, "shows": shows}
        return [stored.state for stored in await self.sheets.find(query, sort=_IN_ORDER, limit=most)]

    async def before(self, sheet: Sheet) -> Sheet | None:
        """The last page of a form before this one, in its file."""
        query = {"feed_id": sheet.feed_id, "batch_id": sheet.batch_id, "shows": Shows.MATCHED}
        found = await self.sheets.find({**query, "n": {"$lt": sheet.n}}, sort=[("n", -1)], limit=1)
        return found[0].state if found else None

    async def has_pages_of_others(self, entry_id: UUID, feed_id: UUID) -> bool:
        """Whether the form has pages from another file."""
        query = {"entry_id": entry_id, "shows": Shows.MATCHED, "feed_id": {"$ne": feed_id}}
        return await self.sheets.collection.find_one(plain(query), {"_id": 1}) is not None

    async def fed(self, batch_id: UUID) -> list[Feed]:
        found = await self.feeds.find({"batch_id": batch_id}, sort=[("fed_at", 1)])
        return [stored.state for stored in found]

    async def to_read(self) -> list[Stored[Feed]]:
        """The shortest first: one form's scan doesn't wait for four hundred."""
        found, _ = await self.feeds.find_readable({"reading": True}, sort=[("pages", 1)])
        return found

    async def to_let_go(self, before: datetime) -> list[Stored[Feed]]:
        """One that is read, was fed before then, and has its file still."""
        query = {"kept": True, "reading": False, "fed_at": {"$lt": before}}
        found, _ = await self.feeds.find_readable(query, sort=[("fed_at", 1)], limit=1)
        return found

    async def is_to_read(self, file: DocumentRef) -> bool:
        query = {"reading": True, "file.sha256": file.sha256}
        return await self.feeds.collection.find_one(query, {"_id": 1}) is not None

    async def page_counts(self, entry_ids: Sequence[UUID]) -> dict[UUID, int]:
        query = {"entry_id": {"$in": list(entry_ids)}, "shows": Shows.MATCHED}
        counted = await _counted(self.sheets.collection, query, "entry_id")
        return {UUID(id): count for id, count in counted.items()}

    async def coarse(self, entry_ids: Sequence[UUID]) -> set[UUID]:
        """Those with a page of too low a resolution."""
        query = {"entry_id": {"$in": list(entry_ids)}, "shows": Shows.MATCHED, "remarks": "low_resolution"}
        return {UUID(id) for id in await self.sheets.collection.distinct("entry_id", plain(query))}

    async def tally(self, batch_id: UUID) -> BatchTally:
        """What is being read is asked first: a page that is kept meanwhile is then counted, or its file still
        counts as being read. The other way round, a batch could seem finished that isn't."""
        of_batch: Document = {"batch_id": str(batch_id)}
        reading = await self.feeds.collection.count_documents({**of_batch, "reading": True})
        sheets = await _counted(self.sheets.collection, of_batch, "shows")
        entries = await _counted(self.entries.collection, of_batch, "at")
        scanned = await self.sheets.collection.distinct(
            "entry_id", {**of_batch, "shows": Shows.MATCHED.value}
        )
        without = {**of_batch, "at": EntryStatus.ENTERED.value, "_id": {"$nin": scanned}}
        return BatchTally(
            entries={at: entries.get(at, 0) for at in EntryStatus},
            sheets={shows: sheets.get(shows, 0) for shows in Shows},
            waiting=await self.entries.collection.count_documents(without),
            reading=reading,
        )


async def _counted(collection: Collection, query: Document, by: str) -> dict[str, int]:
    steps = [{"$match": plain(query)}, {"$group": {"_id": f"${by}", "count": {"$sum": 1}}}]
    return {found["_id"]: found["count"] async for found in collection.aggregate(steps)}
