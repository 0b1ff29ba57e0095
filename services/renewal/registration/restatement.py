"""Restates the form of an open registration whose term is no longer right, and records the office's consent.

Each is one conditional save. If the process dies before it, the form is unchanged and the message comes
again; an unreferenced rendered form may be left over. After it, the same message or request changes nothing.
A death between a registration (or a void contract) and `recheck` leaves an outdated form, which the desk's
next look restates.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal import permissions
from services.renewal.contract.approval import ApprovalFactReader
from services.renewal.documents.factory import DocumentFactory
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form import confirm_term, is_outdated, reissue
from services.renewal.domain.registration.registration import restate
from services.renewal.domain.renewal import DeskReason, ReissueReason, Renewal
from services.renewal.store import Renewals
from shared.events.base import Stage
from shared.resilience.errors import AlreadyExists, Conflict, KeyReused
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class RestatementService:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    papers: DocumentFactory
    judging: ApprovalFactReader
    clock: Clock

    async def corrected(self, subscription_id: UUID, cause: Cause) -> None:
        """The licence was recorded again: an open registration must count from its current last day of
        use."""
        for _ in range(_ATTEMPTS):
            stored = await self.renewals.open_of(subscription_id)
            if stored is None or cause.message_id in stored.handled:
                return
            with suppress(Conflict):  # somebody was faster: look again
                await self.recheck(stored, cause)
                return
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def recheck(self, stored: Stored[Renewal], cause: Cause) -> Stored[Renewal]:
        """The renewal, with its form restated if the last day of use has changed. Raises Conflict."""
        licence = await self.licences.get(stored.state.registration.subscription_id)
        if licence is None or not is_outdated(stored.state, licence.expires_on):
            return stored
        stage = stage_of(stored.state, licence, self.clock.now())
        decision = await self.reissued(stored.state, licence, stage, "corrected")
        try:
            return await self.renewals.save(stored, decision, cause, id=stored.id)
        except AlreadyExists:  # another renewal has the contract for that term: a person must look
            left = Decision(stored.state.with_changes(needs_desk=DeskReason.EXPIRY_MOVED))
            return await self.renewals.save(stored, left, cause, id=stored.id)

    async def reissued(
        self, renewal: Renewal, licence: LicenceCopy, stage: Stage, reason: ReissueReason
    ) -> Decision[Renewal]:
        """The registration with the current term, its form rendered, and the decision that follows from
        it."""
        now = self.clock.now()
        today = civil_date(now, licence.zone)
        restated = restate(renewal.registration, licence.expires_on, stage, today)
        form = await self.papers.form(restated, renewal.form_revision + 1, now)
        known = await self.judging.read(renewal.with_changes(registration=restated), licence, now)
        return await self.papers.with_contract(reissue(renewal, restated, form, reason, known, now), now)

    async def confirm(self, id: UUID, revision: int, who: Person, *, key: str | None = None) -> Renewal:
        """The office agrees to the term of its restated form. Raises Refused, KeyReused."""
        cause = Cause.request(who.sub, f"confirm term {id}", key=key, content=str(revision).encode())
        for _ in range(_ATTEMPTS):
            stored = await self._of_theirs(id, who)
            if cause.message_id in stored.handled:
                if cause.content_id not in stored.handled:
                    raise KeyReused
                return stored.state
            with suppress(Conflict):  # somebody was faster: look again
                now = self.clock.now()
                licence = await self._licence(stored.state)
                known = await self.judging.read(stored.state, licence, now)
                agreed = confirm_term(stored.state, revision, known, now)
                decision = await self.papers.with_contract(agreed, now)
                return (await self.renewals.save(stored, decision, cause, id=stored.id)).state
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def _of_theirs(self, id: UUID, who: Person) -> Stored[Renewal]:
        stored = await self.renewals.load(id)
        if stored is None or not permissions.may_see(who, stored.state.registration.office_ref):
            raise RenewalError("registration-unknown")
        permissions.register(who, stored.state.registration.office_ref)
        return stored

    async def _licence(self, renewal: Renewal) -> LicenceCopy:
        if (licence := await self.licences.get(renewal.registration.subscription_id)) is None:
            raise RenewalError("licence-unknown")
        return licence


def stage_of(renewal: Renewal, licence: LicenceCopy, now: datetime) -> Stage:
    """The licence's stage; but TERMINATED where the service had ended when the office registered and only the
    temporary access for a copy of the form keeps it running now."""
    today = civil_date(now, licence.zone)
    ended = renewal.registration.term.basis_stage is Stage.TERMINATED
    bridged = licence.temporary_on(today) is not None and licence.expires_on < today
    return Stage.TERMINATED if ended and bridged else licence.stage
