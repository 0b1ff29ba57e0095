"""Makes the versions that are due: once a day, and when this process lists a file that is due at once."""

from dataclasses import dataclass
from datetime import date, timedelta

import structlog

from services.signing.domain.preservation import PreservationFailure, PreservedFile, PreservedVersion
from services.signing.pades.long_term.evidence import NoTimeStamp
from services.signing.pades.long_term.extension import ExtendedPdf
from services.signing.pades.long_term.preserver import Preserver
from services.signing.pades.rejection import Rejected
from services.signing.preservation.files import PreservedFiles
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import CheckLeadership, LeaderLoop
from shared.resilience.errors import Interrupted, MissingDocument
from shared.storage.aggregate import Stored
from shared.storage.documents import MongoDocuments, Provenance
from shared.time.calendar import civil_date, start_of_day
from shared.time.clock import Clock

log = structlog.get_logger()


@dataclass(slots=True)
class DailyLook:
    """Whether this process has looked at the list today, in `zone`. It asks nobody but the clock. What this
    process lists as due opens the look again: `openings` counts that."""

    clock: Clock
    zone: str
    looked_on: date | None = None
    openings: int = 0

    def is_open(self) -> bool:
        return self.looked_on != self._today

    def reopen(self) -> None:
        self.looked_on = None
        self.openings += 1

    def close(self, openings: int) -> None:
        """Until tomorrow, unless it was opened again since there were so many openings."""
        if openings == self.openings:
            self.looked_on = self._today

    @property
    def _today(self) -> date:
        return civil_date(self.clock.now(), self.zone)


@dataclass(frozen=True, slots=True)
class PreservationJob:
    """One step makes the versions of some files that are due, and the loop goes on until none is left. A file
    whose version can't be made is listed with the reason, and tried again on a later day."""

    files: PreservedFiles
    documents: MongoDocuments
    preserver: Preserver
    look: DailyLook
    leader_loop: LeaderLoop

    async def run(self, heartbeat: Heartbeat) -> None:
        await self.leader_loop.run(self.step, heartbeat)

    async def step(self, check_leadership: CheckLeadership) -> bool:
        """Whether there may be more to do today. The step that finds the authority silent is the last of the
        day: every other file would only wait for it in vain."""
        openings = self.look.openings
        found = await self.files.due()
        for stored in found:
            await check_leadership()
            failure = await self._preserve(stored)
            if failure is PreservationFailure.NO_TIME_STAMP:
                found = []
                break
        if not found:
            self.look.close(openings)
        return bool(found)

    async def _preserve(self, stored: Stored[PreservedFile]) -> str | None:
        """Make the next version of a file. Returns why it could not be made.

        Dies before the file is stored: nothing happened. Dies before the save: the stored file stays, nothing
        refers to it, and the next look makes another one. Dies after it: the file isn't due any more. Each
        save is conditional, so two processes add a version once, and none is added to a deleted file: the
        stored file goes again.
        """
        file = stored.state
        try:
            made = await self._extend(file)
        except NoTimeStamp:
            failure: str = PreservationFailure.NO_TIME_STAMP
        except MissingDocument:
            failure = PreservationFailure.FILE_MISSING
        except Interrupted:  # by its time limit, or out of memory: the others must not wait for it
            failure = PreservationFailure.INTERRUPTED
        except Rejected as rejected:
            failure = rejected.reason
        else:
            await self._add(stored, made)
            return None
        log.warning("preservation.failed", renewal_id=str(file.renewal_id), reason=failure)
        await self.files.postpone(stored.id, failure, start_of_day(self._tomorrow, self.look.zone))
        return failure

    async def _extend(self, file: PreservedFile) -> ExtendedPdf:
        pdf = await self.documents.get(file.newest.sha256)
        return await self.preserver.preserve(pdf, file.level, self.files.clock.now())

    async def _add(self, stored: Stored[PreservedFile], made: ExtendedPdf) -> None:
        file = stored.state
        document = await self.documents.put(
            made.pdf,
            media_type=file.document.media_type,
            name=file.document.name,
            of=Provenance("preserved_file", file.renewal_id),
        )
        version = PreservedVersion(
            n=len(file.versions) + 1,
            document=document,
            made_at=self.files.clock.now(),
            proved_until=made.proved_until,
        )
        if not await self.files.add_version(stored.id, version):
            await self.documents.forget(document.sha256)

    @property
    def _tomorrow(self) -> date:
        return civil_date(self.files.clock.now(), self.look.zone) + timedelta(days=1)
