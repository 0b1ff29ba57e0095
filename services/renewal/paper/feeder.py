"""Accepts the feeder's files, and reads them page by page in the background.

| the process dies, or            | left behind                      | the repeat, or the next round     |
|---------------------------------|----------------------------------|-----------------------------------|
| before the feed is saved        | at most a stored file            | stores no second, saves the feed  |
| while a page is read            | the feed, at the page before     | reads that page                   |
| the page's picture stored       | a document nobody refers to      | the same bytes: stores no second  |
| the page's form entered, before | an entry that waits for its scan | finds the entry, saves the sheet  |
| the sheet is saved              |                                  |                                   |
| the batch is closed while the   | a feed of a closed batch         | stops reading; the batch's page   |
| file is uploaded                |                                  | says so                           |
| the sheet saved, before the     | the sheet                        | finds it by its id, continues     |
| feed is saved                   |                                  |                                   |
| a day later: the file deleted,  | a feed that still claims to have | deletes it again, saves the feed  |
| before the feed is saved        | its file                         |                                   |
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from services.renewal.domain.paper import sheet as sheets
from services.renewal.domain.paper.batch import check_open
from services.renewal.domain.paper.entry import ManualInput
from services.renewal.domain.paper.sheet import Feed, Sheet, SheetStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.paper.batches import Batches
from services.renewal.paper.entry import EntryService
from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import FEEDER, ONE_FORM, Limits
from services.renewal.scans.page import ScannedPage
from services.renewal.scans.scans import Scans
from services.renewal.scans.upload import Upload
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.events.base import DocumentRef
from shared.resilience.deadline import deadline
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.documents import Documents, MongoDocuments, Provenance
from shared.time.clock import Clock
from shared.web.people import Person

_RELEASE_AFTER = timedelta(days=1)
_OPENED_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Feeder:
    """`uploads` stores the files apart from the documents, so that deleting a file never deletes a
    document."""

    batches: Batches
    scans: Scans
    uploads: MongoDocuments
    documents: Documents
    clock: Clock

    async def feed(self, batch_id: UUID, upload: bytes, who: Person, entry_id: UUID | None = None) -> Feed:
        """Saves the file, to be read in the background. The same file again returns the existing feed, and
        continues its reading if that had stopped. `entry_id`: the file is the scan of only that form. Raises
        RenewalError where the batch is unknown or closed, the form already has its scan, or the file can't be
        used. Raises OutOfTime."""
        check_open(await self.batches.batch(batch_id))
        if entry_id:
            await self.batches.entry(batch_id, entry_id)
        id = sheets.feed_id(batch_id, entry_id, sha256(upload).hexdigest())
        stored, now = await self.batches.feeds.load(id), self.clock.now()
        if stored and sheets.resume(stored.state, who.sub, now) is None:
            return stored.state
        if entry_id and await self.batches.pages(entry_id):
            raise RenewalError("entry-scanned")
        pages = await self._pages(upload, ONE_FORM if entry_id else FEEDER)
        file = await self._store(upload)
        fed = Feed(
            id=id, batch_id=batch_id, entry_id=entry_id, file=file, pages=pages, fed_by=who.sub, fed_at=now
        )

        def decide(feed: Feed | None) -> Decision[Feed] | None:
            return sheets.resume(feed, who.sub, now) if feed else Decision(fed)

        stored = await self.batches.feeds.change(id, decide, Cause.request(who.sub, f"feed {batch_id}"))
        await self._store(upload)  # it may have been deleted in between, after another batch had read it
        assert stored is not None  # fed now or before
        return stored.state

    async def _store(self, upload: bytes) -> DocumentRef:
        return await self.uploads.put(upload, media_type="application/octet-stream", name="feed")

    async def _pages(self, upload: bytes, limits: Limits) -> int:
        try:
            async with deadline(_OPENED_SECONDS), await self.scans.open(upload, limits) as opened:
                return opened.pages
        except BadUpload as bad:
            raise bad.refusal("/file") from None


@dataclass(frozen=True, slots=True)
class FeedReader:
    """The loop that reads the feeder's files."""

    feeder: Feeder
    entry_service: EntryService
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self._step, heartbeat)

    async def _step(self, check_leadership: CheckLeadership) -> bool:
        """Reads one file, so that a shorter one that came in the meantime is next. Where there is none, it
        deletes an old file."""
        waiting = await self.feeder.batches.to_read()
        for stored in waiting[:1]:
            await self._read(stored, check_leadership)
        return bool(waiting) or await self._release_old_file()

    async def _release_old_file(self) -> bool:
        """Deletes a file that was read and is a day old, unless another feed with the same file is still to
        be read."""
        feeder = self.feeder
        for stored in await feeder.batches.to_release(feeder.clock.now() - _RELEASE_AFTER):
            if not await feeder.batches.is_to_read(stored.state.file):
                await feeder.uploads.forget(stored.state.file.sha256)
            await self._save(stored, sheets.release_file(stored.state))
            return True
        return False

    async def _read(self, stored: Stored[Feed], check_leadership: CheckLeadership) -> None:
        feed = stored.state
        scans, data = self.feeder.scans, await self.feeder.uploads.get(feed.file.sha256)
        try:
            await self.feeder.batches.join(feed.batch_id)
            async with await scans.open(data, FEEDER) as opened:
                for n in range(feed.read + 1, feed.pages + 1):
                    await check_leadership()
                    await self._save_sheet(feed, n, await self._page(opened, n))
                    stored = await self._save(stored, sheets.record_page(stored.state, n))
        except BadUpload as bad:
            await self._save(stored, sheets.give_up(stored.state, bad.rule))
        except RenewalError as refused:  # the batch was closed while the file was uploaded
            await self._save(stored, sheets.give_up(stored.state, refused.name))

    async def _page(self, opened: Upload, n: int) -> ScannedPage | BadUpload:
        try:
            return await self.feeder.scans.page(opened, n)
        except BadUpload as bad:
            return bad

    async def _save_sheet(self, feed: Feed, n: int, page: ScannedPage | BadUpload) -> None:
        sheet = Sheet(
            id=sheets.sheet_id(feed.id, n),
            batch_id=feed.batch_id,
            feed_id=feed.id,
            n=n,
            fed_at=feed.fed_at,
            image=None,
            code=None,
        )
        read = {"fault": page.rule} if isinstance(page, BadUpload) else await self._sheet_fields(feed, page)
        with suppress(Conflict):  # saved by a process that then died
            decision = Decision(sheet.model_copy(update=read))
            await self.feeder.batches.sheets.save(None, decision, Cause.command("read page"), id=sheet.id)

    async def _sheet_fields(self, feed: Feed, page: ScannedPage) -> dict[str, object]:
        image = await self.feeder.documents.put(
            page.image,
            media_type="image/jpeg",
            name=f"{page.number}.jpg",
            of=Provenance("sheet", feed.batch_id),
        )
        shows, entry_id = (SheetStatus.BLANK, None) if page.blank else await self._match(feed, page)
        return {
            "image": image,
            "code": page.code,
            "remarks": (*page.warnings, "as_printed") if page.digital else page.warnings,
            "shows": shows,
            "entry_id": entry_id,
        }

    async def _match(self, feed: Feed, page: ScannedPage) -> tuple[SheetStatus, UUID | None]:
        """The page's status and entry; the form whose code it shows is entered. A page that comes from a
        computer is left to a person: it can't be the scan of a stamped form."""
        batches, code = self.feeder.batches, page.code
        if page.digital:
            return SheetStatus.UNREAD, None
        if code is None:
            return (SheetStatus.MATCHED if feed.entry_id else SheetStatus.UNREAD), feed.entry_id
        try:
            renewal = await self.entry_service.find_renewal(code)
        except RenewalError:
            return SheetStatus.UNREAD, None
        batch, input = await batches.batch(feed.batch_id), ManualInput(by=feed.fed_by)
        cause = Cause.command("enter from feed")
        entered = await self.entry_service.enter(batch, renewal, code, input, cause)
        if await batches.has_pages_of_others(entered.entry.id, feed.id):
            return SheetStatus.REPEATED, entered.entry.id
        return SheetStatus.MATCHED, entered.entry.id

    async def _save(self, stored: Stored[Feed], decision: Decision[Feed]) -> Stored[Feed]:
        cause = Cause.command("read")
        return await self.feeder.batches.feeds.save(stored, decision, cause, id=stored.id)
