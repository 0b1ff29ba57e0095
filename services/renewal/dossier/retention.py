"""Retention of dossiers: what the desk decides, and the deletion of the documents' bytes.

A decision is one conditional save. A deletion has three parts: the approval is saved with the hashes to
delete; then the bytes go, one document after another; then the end is saved with its event. If the process
dies before the approval, nothing has happened. If it dies after it, the next start of any process of this
service finishes it, and so does a repeat of the approval; deleting what is gone changes nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import structlog

from services.renewal.domain.dossier import retention_steps as steps
from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.manifest import DossierManifest
from services.renewal.domain.dossier.records import record_files
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.dossier.service import DossierService
from shared.resilience.errors import VersionMismatch
from shared.resilience.retry import suppress_transient
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.calendar import add_years, civil_date
from shared.web.people import Person

log = structlog.get_logger()

FindImages = Callable[[UUID], Awaitable[list[str]]]
Step = Callable[[Renewal, datetime], Decision[Renewal]]


class RetentionState(StrEnum):
    """What a list of dossiers shows: those that may be deleted, that somebody proposed to delete, that are
    held, or whose deletion isn't finished."""

    DUE = "due"
    PROPOSED = "proposed"
    HELD = "held"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class RetentionRequest:
    """A clerk's request. `key`: its idempotency key. `seen`: the version on the screen; None for any."""

    who: Person
    key: str
    seen: int | None = None

    def cause(self, action: str, reason: str = "") -> Cause:
        return Cause.request(self.who.sub, action, reason, key=self.key, content=reason.encode())


@dataclass(frozen=True, slots=True)
class DossierRetentionService:
    """Each step raises RenewalError if there is no such registration, or the step isn't possible, and
    KeyReused. `find_images`: the hashes of the pictures of a registration's posted papers, page by page."""

    dossiers: DossierService
    find_images: FindImages
    years: int

    async def listed(self, state: RetentionState, most: int) -> list[Renewal]:
        """At most `most`, the longest waiting first."""
        retained, now = self.dossiers.core.retained, self.dossiers.core.clock.now()
        if state is not RetentionState.DUE:
            return await retained.with_retention(state.value, most)
        zone = self.dossiers.core.settings.vendor_zone
        last = add_years(civil_date(now, zone) + timedelta(days=1), -self.years)
        found = await retained.ended_by(last, most)
        return [renewal for renewal in found if steps.is_deletable(renewal, self.years, now)]

    def kept_until(self, renewal: Renewal) -> date | None:
        return steps.kept_until(renewal, self.years)

    def may_propose(self, renewal: Renewal) -> bool:
        return steps.is_deletable(renewal, self.years, self.dossiers.core.clock.now())

    async def hold(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        by, cause = request.who.sub, request.cause(f"hold dossier {id}", reason)
        return await self._decide(
            id, request, cause, lambda state, now: steps.place_hold(state, reason, by, now)
        )

    async def lift(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        cause = request.cause(f"lift hold of dossier {id}", reason)
        return await self._decide(id, request, cause, lambda state, now: steps.lift_hold(state))

    async def propose(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        by, cause = request.who.sub, request.cause(f"propose deletion of dossier {id}", reason)
        return await self._decide(
            id,
            request,
            cause,
            lambda state, now: steps.propose_deletion(state, self.years, reason, by, now),
        )

    async def withdraw(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        cause = request.cause(f"withdraw deletion of dossier {id}", reason)
        return await self._decide(id, request, cause, lambda state, now: steps.withdraw_proposal(state))

    async def approve(self, id: UUID, request: RetentionRequest) -> Stored[Renewal]:
        """The second person's approval; then the bytes are deleted. The proposal has the reason. Where the
        deletion is approved already, this finishes it."""
        renewal = await self._known(id)
        if unfinished := await self.finish(renewal):
            return unfinished
        facts = await self.dossiers.gather(renewal)
        manifest, (files, shared) = await self._manifest(facts), await self._to_delete(facts)
        by, cause = request.who.sub, request.cause(f"approve deletion of dossier {id}")
        stored = await self._decide(
            id,
            request,
            cause,
            lambda state, now: steps.approve_deletion(state, self.years, manifest, files, shared, by, now),
        )
        return await self.finish(stored.state) or stored

    async def finish(self, renewal: Renewal) -> Stored[Renewal] | None:
        """Deletes the bytes of an approved deletion, and records the end. Repeated, it does nothing."""
        known, id = renewal.retention, renewal.registration.renewal_id
        if known is None or known.deletion is None or known.deletion.finished_at:
            return None
        for file in known.deletion.files:
            await self.dossiers.core.service.documents.forget(file)
        now = self.dossiers.core.clock.now
        return await self.dossiers.core.renewals.change(
            id,
            lambda state: steps.finish_deletion(state, now()) if state else None,
            Cause.command(f"finish deletion of dossier {id}"),
        )

    async def finish_all(self) -> None:
        """What processes that died left unfinished. The next start tries again what the database can't do
        now."""
        with suppress_transient("dossier.unfinished"):
            for renewal in await self.listed(RetentionState.UNFINISHED, 1000):
                await self.finish(renewal)
                log.info("dossier.deleted", renewal_id=str(renewal.registration.renewal_id))

    async def _manifest(self, facts: DossierFacts) -> str:
        """The SHA-256 of the desk's manifest as it is now."""
        missing = await self.dossiers.find_missing(facts)
        records = record_files(facts, DossierEdition.DESK)
        manifest = DossierManifest.of(facts, DossierEdition.DESK, missing, records)
        return sha256(manifest.bytes()).hexdigest()

    async def _to_delete(self, facts: DossierFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The hashes to delete, and those that another registration has too: one scan may be of two, one
        invoice for several."""
        core, id = self.dossiers.core, facts.renewal.registration.renewal_id
        papers = [paper.document.sha256 for paper in facts.papers]
        hashes = tuple(dict.fromkeys([*papers, *await self.find_images(id)]))
        shared = await core.retained.shared_documents(hashes, id) | await core.invoices.shared_files(
            hashes, id
        )
        return tuple(h for h in hashes if h not in shared), tuple(h for h in hashes if h in shared)

    async def _known(self, id: UUID) -> Renewal:
        if (stored := await self.dossiers.core.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        return stored.state

    async def _decide(self, id: UUID, request: RetentionRequest, cause: Cause, step: Step) -> Stored[Renewal]:
        core = self.dossiers.core

        def decide(state: Renewal | None) -> Decision[Renewal]:
            if state is None:
                raise RenewalError("registration-unknown")
            return step(state, core.clock.now())

        try:
            stored = await core.renewals.change(id, decide, cause, expected_version=request.seen)
        except VersionMismatch:
            raise RenewalError("dossier-moved") from None
        if stored is None:
            raise RenewalError("registration-unknown")
        return stored
