"""The stores of batches, their entries, and the feeder's files and pages, with the queries on them.

Each entry, file and page is an aggregate of its own, because a batch has up to 2000 pages and an aggregate
only up to 256 KiB. No relation is stored twice: a page names its entry, and an entry's pages are those that
name it.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal.domain.paper.batch import Batch, check_open
from services.renewal.domain.paper.entry import Entry, EntryStatus
from services.renewal.domain.paper.sheet import Feed, Sheet, SheetStatus
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
    IndexModel([("renewal_id", 1)], name="renewal"),
)
SHEETS = (
    IndexModel([("batch_id", 1), ("shows", 1), *_IN_ORDER], name="batch"),
    IndexModel([("entry_id", 1), *_IN_ORDER], name="entry"),
    IndexModel(
        [("image.sha256", 1)], name="image", partialFilterExpression={"image.sha256": {"$type": "string"}}
    ),
)
FEEDS = (
    IndexModel([("batch_id", 1), ("fed_at", 1)], name="batch"),
    IndexModel([("reading", 1)], name="reading", partialFilterExpression={"reading": True}),
    IndexModel([("fed_at", 1)], name="kept", partialFilterExpression={"kept": True}),
)


@dataclass(frozen=True, slots=True)
class BatchTally:
    """Counts of a batch: its entries and pages by status, its entries without a scan (`waiting`), and its
    files that are still being read (`reading`)."""

    entries: dict[EntryStatus, int]
    sheets: dict[SheetStatus, int]
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
        return self.waiting + self.reading + self.sheets[SheetStatus.UNREAD]


@dataclass(frozen=True, slots=True)
class Batches:
    batches: Store[Batch]
    entries: Store[Entry]
    sheets: Store[Sheet]
    feeds: Store[Feed]

    async def batch(self, id: UUID) -> Batch:
        """Raises RenewalError where there is no such batch."""
        if (stored := await self.batches.load(id)) is None:
            raise RenewalError("batch-unknown")
        return stored.state

    async def join(self, id: UUID) -> None:
        """Saves the unchanged batch as a new version. Call it after a change to its entries or pages: a clerk
        who counted them before can then not close the batch with the old count. Raises RenewalError where the
        batch is closed."""

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
        """Raises RenewalError where the batch has no such entry."""
        stored = await self.entries.load(id)
        if stored is None or stored.state.batch_id != batch_id:
            raise RenewalError("entry-unknown")
        return stored.state

    async def active_entries(self, batch_id: UUID, most: int = 0) -> list[Entry]:
        """The batch's entries that aren't undone, the newest first."""
        query = {"batch_id": batch_id, "at": {"$ne": EntryStatus.UNDONE}}
        found = await self.entries.find(query, sort=[("entered_at", -1), ("_id", 1)], limit=most)
        return [stored.state for stored in found]

    async def pending(self, batch_id: UUID) -> list[Stored[Entry]]:
        """The batch's entries that are neither received nor refused yet, the oldest first."""
        query = {"batch_id": batch_id, "at": {"$in": _PENDING}}
        return await self.entries.find(query, sort=[("entered_at", 1), ("_id", 1)])

    async def has_pending(self, renewal_id: UUID) -> bool:
        """Whether a batch has paper of that renewal that is neither received nor refused yet."""
        query = {"at": {"$in": plain(_PENDING)}, "renewal_id": str(renewal_id)}
        return await self.entries.collection.find_one(query, {"_id": 1}) is not None

    async def to_apply(self) -> list[Batch]:
        """The closed batches with entries that are neither received nor refused yet."""
        ids = await self.entries.collection.distinct("batch_id", {"at": {"$in": plain(_PENDING)}})
        return await self.batches.states({"_id": {"$in": ids}, "status": "closed"})

    async def pages(self, entry_id: UUID) -> list[Sheet]:
        """The form's pages, in the order in which they were fed."""
        query = {"entry_id": entry_id, "shows": SheetStatus.MATCHED}
        return [stored.state for stored in await self.sheets.find(query, sort=_IN_ORDER)]

    async def images_of(self, renewal_id: UUID) -> list[str]:
        """The hashes of the pictures of that renewal's posted papers, page by page."""
        entries = await self.entries.find({"renewal_id": renewal_id})
        found = await self.sheets.find({"entry_id": {"$in": [each.state.id for each in entries]}})
        return [stored.state.image.sha256 for stored in found if stored.state.image]

    async def image_owners(self, hashes: Set[str]) -> dict[UUID, set[str]]:
        """The renewals whose posted papers have these pictures, and which of them each has."""
        query = {"image.sha256": {"$in": list(hashes), "$type": "string"}}
        by_entry: dict[UUID, set[str]] = {}
        for sheet in (stored.state for stored in await self.sheets.find(query)):
            if sheet.entry_id and sheet.image:
                by_entry.setdefault(sheet.entry_id, set()).add(sheet.image.sha256)
        owners: dict[UUID, set[str]] = {}
        for entry in (stored.state for stored in await self.entries.find({"_id": {"$in": list(by_entry)}})):
            owners.setdefault(entry.renewal_id, set()).update(by_entry[entry.id])
        return owners

    async def sheet(self, batch_id: UUID, id: UUID) -> Sheet:
        """Raises RenewalError where the batch has no such page."""
        stored = await self.sheets.load(id)
        if stored is None or stored.state.batch_id != batch_id:
            raise RenewalError("sheet-unknown")
        return stored.state

    async def sheets_with(self, batch_id: UUID, shows: SheetStatus, most: int = 0) -> list[Sheet]:
        query = {"batch_id": batch_id, "shows": shows}
        return [stored.state for stored in await self.sheets.find(query, sort=_IN_ORDER, limit=most)]

    async def previous_match(self, sheet: Sheet) -> Sheet | None:
        """The last page before this one, in the same file, that belongs to a form."""
        query = {"feed_id": sheet.feed_id, "batch_id": sheet.batch_id, "shows": SheetStatus.MATCHED}
        found = await self.sheets.find({**query, "n": {"$lt": sheet.n}}, sort=[("n", -1)], limit=1)
        return found[0].state if found else None

    async def has_pages_of_others(self, entry_id: UUID, feed_id: UUID) -> bool:
        """Whether the form has pages from another file."""
        query = {"entry_id": entry_id, "shows": SheetStatus.MATCHED, "feed_id": {"$ne": feed_id}}
        return await self.sheets.collection.find_one(plain(query), {"_id": 1}) is not None

    async def files(self, batch_id: UUID) -> list[Feed]:
        found = await self.feeds.find({"batch_id": batch_id}, sort=[("fed_at", 1)])
        return [stored.state for stored in found]

    async def to_read(self) -> list[Stored[Feed]]:
        """The files to read, the shortest first, so that the scan of one form doesn't wait for four
        hundred."""
        found, _ = await self.feeds.find_readable({"reading": True}, sort=[("pages", 1)])
        return found

    async def to_release(self, before: datetime) -> list[Stored[Feed]]:
        """The oldest file that is no longer being read, was fed before that time, and is still stored."""
        query = {"kept": True, "reading": False, "fed_at": {"$lt": before}}
        found, _ = await self.feeds.find_readable(query, sort=[("fed_at", 1)], limit=1)
        return found

    async def is_to_read(self, file: DocumentRef) -> bool:
        query = {"reading": True, "file.sha256": file.sha256}
        return await self.feeds.collection.find_one(query, {"_id": 1}) is not None

    async def page_counts(self, entry_ids: Sequence[UUID]) -> dict[UUID, int]:
        query = {"entry_id": {"$in": list(entry_ids)}, "shows": SheetStatus.MATCHED}
        counted = await _count_by(self.sheets.collection, query, "entry_id")
        return {UUID(id): count for id, count in counted.items()}

    async def low_resolution(self, entry_ids: Sequence[UUID]) -> set[UUID]:
        """The entries with a page of too low a resolution."""
        query = {
            "entry_id": {"$in": list(entry_ids)},
            "shows": SheetStatus.MATCHED,
            "remarks": "low_resolution",
        }
        return {UUID(id) for id in await self.sheets.collection.distinct("entry_id", plain(query))}

    async def tally(self, batch_id: UUID) -> BatchTally:
        """Counts the files that are being read first: a page that is saved in the meantime is then counted,
        or its file still counts as being read. In the other order, an unfinished batch could seem
        finished."""
        of_batch: Document = {"batch_id": str(batch_id)}
        reading = await self.feeds.collection.count_documents({**of_batch, "reading": True})
        sheets = await _count_by(self.sheets.collection, of_batch, "shows")
        entries = await _count_by(self.entries.collection, of_batch, "at")
        scanned = await self.sheets.collection.distinct(
            "entry_id", {**of_batch, "shows": SheetStatus.MATCHED.value}
        )
        without = {**of_batch, "at": EntryStatus.ENTERED.value, "_id": {"$nin": scanned}}
        return BatchTally(
            entries={at: entries.get(at, 0) for at in EntryStatus},
            sheets={shows: sheets.get(shows, 0) for shows in SheetStatus},
            waiting=await self.entries.collection.count_documents(without),
            reading=reading,
        )


async def _count_by(collection: Collection, query: Document, by: str) -> dict[str, int]:
    steps = [{"$match": plain(query)}, {"$group": {"_id": f"${by}", "count": {"$sum": 1}}}]
    return {found["_id"]: found["count"] async for found in collection.aggregate(steps)}
