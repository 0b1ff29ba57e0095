"""The list of signed files whose proof ages, and when the next version of each is due."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.signing.domain.level import SignatureLevel
from services.signing.domain.preservation import (
    PreservedFile,
    PreservedVersion,
    SignedKind,
    add_version,
    begin_report,
    fail_report,
    next_due,
    postpone,
    postpone_report,
    record_deletion,
    record_report,
)
from shared.events.base import DocumentRef
from shared.events.signing import SignaturesReported
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import Document, IndexModel
from shared.storage.store import Store
from shared.time.clock import Clock

log = structlog.get_logger()

FAILED = {"failed.reason": {"$exists": True}}
REPORT_FAILED = {"report_failed.reason": {"$exists": True}}
INDEXES = (
    IndexModel([("due", 1)], name="due"),
    IndexModel([("renewal_id", 1)], name="renewal"),
    IndexModel([("failed.since", 1)], name="failed", partialFilterExpression=FAILED),
    IndexModel([("reported_at", 1), ("deleted_at", 1), ("listed_at", -1)], name="unreported"),
    IndexModel([("report_failed.since", 1)], name="report_failed", partialFilterExpression=REPORT_FAILED),
)
_AT_ONCE = 50
_MOST_SHOWN = 500
_REPORTING = Cause.command("report signatures")


@dataclass(frozen=True, slots=True)
class PreservedFiles:
    """`margin`: how long before its proof ends a file gets a newer version. `tell_due` is called when a file
    is listed that is due at once."""

    store: Store[PreservedFile]
    clock: Clock
    margin: timedelta
    tell_due: Callable[[], None] = lambda: None

    async def find(self, sha256: str) -> PreservedFile | None:
        """By the hash of the published file. None for a file that an older release signed."""
        return await self.store.state(sha256)

    async def add(
        self,
        kind: SignedKind,
        renewal_id: UUID,
        office_ref: str,
        document: DocumentRef,
        level: SignatureLevel,
        proved_until: datetime | None = None,
        *,
        signed_before: DocumentRef | None = None,
    ) -> None:
        """List a file before it is published. A second call changes nothing.

        `signed_before` is the file of which it is a further signature: the lower level of both counts, B-B if
        that file isn't listed. The file is due when the first of the two is: it holds both proofs.
        Dies before the file is published: it stays listed, and gets versions that nobody asks for.
        """
        before = await self.find(signed_before.sha256) if signed_before else None
        if signed_before and (before is None or before.signed_level is SignatureLevel.BASIC):
            level = SignatureLevel.BASIC
        now = self.clock.now()
        due = now
        if proved_until and level is SignatureLevel.LONG_TERM:
            own = next_due(proved_until, self.margin, now)
            due = min(own, before.due) if before else own
        file = PreservedFile(
            renewal_id=renewal_id,
            office_ref=office_ref,
            kind=kind,
            document=document,
            signed_level=level,
            due=due,
            listed_at=now,
        )
        await self.store.change(
            document.sha256,
            lambda state: None if state else Decision(file),
            Cause.command("list signed file"),
        )
        if due <= now:
            self.tell_due()

    async def due(self) -> list[Stored[PreservedFile]]:
        """The files that are due, the first due first: not all at once if there are many."""
        query = {"due": {"$lte": self.clock.now()}}
        found, damaged = await self.store.find_readable(query, sort=[("due", 1)], limit=_AT_ONCE)
        if damaged:
            log.error("preservation.damaged", ids=damaged)
        return found

    async def add_version(self, id: str, version: PreservedVersion) -> bool:
        """Whether the file has the version now. Dies before the save: the version is made again. After it:
        all is saved. Of two processes that save the same version, one wins."""

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return add_version(state, version, self.margin) if state else None

        saved = await self.store.change(id, decide, Cause.command("preserve file"))
        return saved is not None and version.document in [each.document for each in saved.state.versions]

    async def postpone(self, id: str, reason: str, tomorrow: datetime) -> None:
        """Record the failure. Dies before: the file is still due."""
        now = self.clock.now()

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return postpone(state, reason, now, tomorrow) if state else None

        await self.store.change(id, decide, Cause.command("preserve file"))

    async def of_renewal(self, renewal_id: UUID) -> list[PreservedFile]:
        return await self.store.states({"renewal_id": renewal_id})

    async def record_deletion(self, file: PreservedFile, cause: Cause) -> bool:
        """Whether it is recorded. False where a version or a report was added since `file` was read: its
        bytes must go before the list forgets it."""
        now, known = self.clock.now(), (file.versions, file.reports)

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return record_deletion(state, now) if state and (state.versions, state.reports) == known else None

        saved = await self.store.change(file.document.sha256, decide, cause)
        return saved is None or saved.state.deleted_at is not None

    async def failed(self) -> list[PreservedFile]:
        """The files whose last try failed, the oldest failure first, not more than 500."""
        found = await self.store.find(FAILED, sort=[("failed.since", 1)], limit=_MOST_SHOWN)
        return [stored.state for stored in found]

    async def report_failed(self) -> list[PreservedFile]:
        """The files whose last try made no report, the oldest failure first, not more than 500."""
        found = await self.store.find(REPORT_FAILED, sort=[("report_failed.since", 1)], limit=_MOST_SHOWN)
        return [stored.state for stored in found]

    async def unreported(self, most: int) -> list[PreservedFile]:
        """At most `most` of the files whose validation report isn't published and may be made now: the newest
        first, those that an older release listed last."""
        due = [{"report_after": None}, {"report_after": {"$lte": self.clock.now()}}]
        query = {"reported_at": None, "deleted_at": None, "$or": due}
        found, _ = await self.store.find_readable(query, sort=[("listed_at", -1)], limit=most)
        return [stored.state for stored in found]

    async def begin_report(self, sha256: str, files: tuple[str, ...]) -> bool:
        """Whether `files` may be stored as the file's report. Dies before the save: none is stored."""

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return begin_report(state, files) if state else None

        saved = await self.store.change(sha256, decide, _REPORTING)
        return saved is not None and not (saved.state.reported_at or saved.state.deleted_at)

    async def publish_report(self, report: SignaturesReported) -> bool:
        """Whether the file's report is published now. Dies before the save: it is made again."""
        now = self.clock.now()

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return record_report(state, report, now) if state else None

        saved = await self.store.change(report.document, decide, _REPORTING)
        return saved is not None and saved.state.deleted_at is None

    async def postpone_report(self, sha256: str) -> None:
        """An authority may still decide it. Dies before the save: it is made again."""
        now = self.clock.now()

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return postpone_report(state, now) if state else None

        await self.store.change(sha256, decide, _REPORTING)

    async def fail_report(self, sha256: str, reason: str) -> None:
        """Record the failure. Dies before the save: it is tried again."""
        now = self.clock.now()

        def decide(state: PreservedFile | None) -> Decision[PreservedFile] | None:
            return fail_report(state, reason, now) if state else None

        await self.store.change(sha256, decide, _REPORTING)

    async def count_unreported(self) -> int:
        """Without those that failed."""
        query = {"reported_at": None, "deleted_at": None, "report_failed": None}
        return int(await self.store.collection.count_documents(query))

    async def count_due(self) -> int:
        return int(await self.store.collection.count_documents({"due": {"$lte": self.clock.now()}}))

    async def count_failed(self) -> Counter[str]:
        """How many files failed, by reason."""
        return await self._count_by_reason("failed", FAILED)

    async def count_report_failed(self) -> Counter[str]:
        """How many files have no report, by reason."""
        return await self._count_by_reason("report_failed", REPORT_FAILED)

    async def _count_by_reason(self, field: str, failed: Document) -> Counter[str]:
        group = {"_id": f"${field}.reason", "count": {"$sum": 1}}
        found = self.store.collection.aggregate([{"$match": failed}, {"$group": group}])
        return Counter({row["_id"]: row["count"] async for row in found})
