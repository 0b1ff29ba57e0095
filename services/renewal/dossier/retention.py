"""Retention of dossiers: what the desk decides, and the deletion of the documents' bytes.

A decision is one conditional save. A deletion has three parts: the approval is saved with the hashes to
delete; then the bytes go, one document after another; then the end is saved with its event. If the process
dies before the approval, nothing has happened. If it dies after it, the next start of any process of this
service finishes it, and so does a repeat of the approval; deleting what is gone changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from services.renewal.dossier.document_owners import DocumentOwners
from services.renewal.dossier.service import DossierService
from shared.resilience.errors import VersionMismatch
from shared.resilience.retry import suppress_transient
from shared.storage.aggregate import Cause, Decision, Stored
from shared.time.calendar import add_years, civil_date
from shared.web.people import Person

log = structlog.get_logger()

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
    KeyReused."""

    dossiers: DossierService
    owners: DocumentOwners
    years: int

    async def listed(self, state: RetentionState, most: int) -> list[tuple[Renewal, date | None]]:
        """At most `most` with the last day of each, the longest waiting first; of those due, the first whose
        time was over. As many as `most`: there may be more."""
        retained, now = self.dossiers.core.retained, self.dossiers.core.clock.now()
        if state is not RetentionState.DUE:
            return await self._dated(await retained.with_retention(state.value, most))
        zone = self.dossiers.core.settings.vendor_zone
        last = add_years(civil_date(now, zone) + timedelta(days=1), -self.years)
        found = await self._with_joined(await retained.ended_by(last, most))
        due = [each for each, joined in found if steps.is_deletable(each, self.years, now, joined)]
        return sorted(await self._dated(due), key=lambda row: row[1] or date.max)[:most]

    async def stored(self, id: UUID) -> Stored[Renewal]:
        if (stored := await self.dossiers.core.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        return stored

    async def kept_until(self, renewal: Renewal) -> date | None:
        return steps.kept_until(renewal, self.years, await self._joined_to(renewal))

    async def may_propose(self, renewal: Renewal) -> bool:
        now, others = self.dossiers.core.clock.now(), await self._joined_to(renewal)
        return steps.is_deletable(renewal, self.years, now, others)

    async def _dated(self, renewals: Sequence[Renewal]) -> list[tuple[Renewal, date | None]]:
        found = await self._with_joined(renewals)
        return [(each, steps.kept_until(each, self.years, joined)) for each, joined in found]

    async def _joined_to(self, renewal: Renewal) -> list[Renewal]:
        ((_, joined),) = await self._with_joined([renewal])
        return joined

    async def _with_joined(self, renewals: Sequence[Renewal]) -> list[tuple[Renewal, list[Renewal]]]:
        """Each with the renewals of the products joined to it, as far as they can be read."""
        wanted = {joined.renewal_id for each in renewals for joined in each.registration.joined}
        known = await self.dossiers.core.renewals.by_ids(wanted) if wanted else {}
        return [
            (each, [known[one.renewal_id] for one in each.registration.joined if one.renewal_id in known])
            for each in renewals
        ]

    async def hold(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        by, cause = request.who.sub, request.cause(f"hold dossier {id}", reason)
        return await self._decide(
            id, request, cause, lambda state, now: steps.place_hold(state, reason, by, now)
        )

    async def confirm(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        by, cause = request.who.sub, request.cause(f"confirm hold of dossier {id}", reason)
        return await self._decide(
            id, request, cause, lambda state, now: steps.confirm_hold(state, reason, by, now)
        )

    async def lift(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        cause = request.cause(f"lift hold of dossier {id}", reason)
        return await self._decide(id, request, cause, lambda state, now: steps.lift_hold(state))

    async def propose(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        by, cause = request.who.sub, request.cause(f"propose deletion of dossier {id}", reason)
        others = await self._joined_to((await self.stored(id)).state)
        return await self._decide(
            id,
            request,
            cause,
            lambda state, now: steps.propose_deletion(state, self.years, reason, by, now, others),
        )

    async def withdraw(self, id: UUID, reason: str, request: RetentionRequest) -> Stored[Renewal]:
        cause = request.cause(f"withdraw deletion of dossier {id}", reason)
        return await self._decide(id, request, cause, lambda state, now: steps.withdraw_proposal(state))

    async def approve(self, id: UUID, request: RetentionRequest, shown: str = "") -> Stored[Renewal]:
        """The second person's approval; then the bytes are deleted. The proposal has the reason. Where the
        deletion is approved already, this finishes it.

        `shown`: the manifest's hash on the person's screen, which the proof must have; empty for any.
        """
        facts = await self.dossiers.gather(id)
        if unfinished := await self.finish(facts.renewal):
            return unfinished
        manifest, (files, shared) = await self.manifest(facts), await self._to_delete(facts.renewal)
        by, cause = request.who.sub, request.cause(f"approve deletion of dossier {id}")
        if shown not in ("", manifest) and not facts.is_deleted:
            raise RenewalError("dossier-moved")
        if request.seen is None:
            request = replace(request, seen=facts.version)
        others = await self._joined_to(facts.renewal)
        stored = await self._decide(
            id,
            request,
            cause,
            lambda state, now: steps.approve_deletion(
                state, self.years, manifest, files, shared, by, now, others
            ),
        )
        return await self.finish(stored.state) or stored

    async def finish(self, renewal: Renewal) -> Stored[Renewal] | None:
        """Deletes the bytes of an approved deletion, and records the end. Repeated, it does nothing. Just
        before each file goes it looks again whether another registration has it: much may have happened
        since the approval."""
        known, id = renewal.retention, renewal.registration.renewal_id
        if known is None or known.deletion is None or known.deletion.finished_at:
            return None
        documents, now = self.dossiers.core.service.documents, self.dossiers.core.clock.now
        hashes = [*known.deletion.files, *known.deletion.shared, *await self.owners.documents_of(renewal)]
        gone: list[str] = []
        stays: list[str] = []
        for file in dict.fromkeys(hashes):
            if await self.owners.shared({file}, id):
                stays.append(file)
            else:
                await documents.forget(file)
                gone.append(file)
        return await self.dossiers.core.renewals.change(
            id,
            lambda state: steps.finish_deletion(state, tuple(gone), tuple(stays), now()) if state else None,
            Cause.command(f"finish deletion of dossier {id}"),
        )

    async def finish_all(self) -> None:
        """What processes that died left unfinished. The next start tries again what the database can't do
        now."""
        with suppress_transient("dossier.unfinished"):
            for renewal, _ in await self.listed(RetentionState.UNFINISHED, 1000):
                await self.finish(renewal)
                log.info("dossier.deleted", renewal_id=str(renewal.registration.renewal_id))

    async def manifest(self, facts: DossierFacts) -> str:
        """The SHA-256 of the desk's manifest as it is now, the same as in the ZIP that is made now."""
        missing = await self.dossiers.find_unreadable(facts)
        records = record_files(facts, DossierEdition.DESK)
        manifest = DossierManifest.of(facts, DossierEdition.DESK, missing, records)
        return sha256(manifest.bytes()).hexdigest()

    async def _to_delete(self, renewal: Renewal) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The hashes to delete, and those that another registration has too."""
        hashes = await self.owners.documents_of(renewal)
        shared = await self.owners.shared(set(hashes), renewal.registration.renewal_id)
        return tuple(h for h in hashes if h not in shared), tuple(h for h in hashes if h in shared)

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
