"""Restates the form of an open registration whose term is no longer right, and records the office's consent.

Three words, each with one meaning:
- restate: compute the term again from the current licence;
- reissue: issue the restated form as the next revision;
- recheck: restate and reissue the form, if its term is outdated.

Each is one conditional save. If the process dies before it, the form is unchanged and the message comes
again; an unreferenced rendered form may be left over. After it, the same message or request changes nothing.
If the process dies between a registration (or a voided contract) and `recheck`, the form stays outdated until
a clerk tries to accept it, which restates it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal import permissions
from services.renewal.contract.approval_facts import ApprovalFactReader
from services.renewal.contract.preparation import ContractFactory
from services.renewal.domain.earlier_form import ReissueReason
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form import confirm_term, is_outdated, reissue
from services.renewal.domain.registration.registration import Registration, restate
from services.renewal.domain.renewal import DeskReason, Renewal
from services.renewal.registration.form_factory import FormFactory
from services.renewal.stores.renewals import Renewals
from shared.events.base import Stage
from shared.resilience.errors import AlreadyExists
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.projection import Projection
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person


@dataclass(frozen=True, slots=True)
class RestatementService:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    form_factory: FormFactory
    contract_factory: ContractFactory
    fact_reader: ApprovalFactReader
    clock: Clock

    async def restate_open(self, subscription_id: UUID, cause: Cause) -> None:
        """The licence was recorded again: restates the form of the subscription's open registration, if its
        last day of use has changed."""
        if stored := await self.renewals.open_of(subscription_id):
            await self.recheck(stored.state.registration.renewal_id, cause)

    async def recheck(self, renewal_id: UUID, cause: Cause) -> Stored[Renewal] | None:
        """The renewal, with its form restated if the last day of use has changed. None where there is no such
        renewal."""

        async def decide(state: Renewal | None) -> Decision[Renewal] | None:
            moved = state and await self._is_moved(state)
            return await self.reissue(state, "corrected") if state and moved else None

        async def leave(state: Renewal | None) -> Decision[Renewal] | None:
            moved = state and await self._is_moved(state)
            return (
                Decision(state.with_changes(needs_desk=DeskReason.EXPIRY_MOVED)) if state and moved else None
            )

        try:
            return await self.renewals.change(renewal_id, decide, cause)
        except AlreadyExists:  # another renewal has the contract for that term: a person must look
            return await self.renewals.change(renewal_id, leave, cause)

    async def _is_moved(self, renewal: Renewal) -> bool:
        """Whether the last day of use of a product on the form differs from the one that it counts from."""
        known = await self._licences(renewal)
        return is_outdated(renewal, {id: licence.expires_on for id, licence in known.items()})

    async def reissue(
        self, renewal: Renewal, reason: ReissueReason, *, ended: UUID | None = None
    ) -> Decision[Renewal]:
        """The registration with the current term, its form rendered, and the decision that follows from it.
        `ended`: a subscription whose service ended, as signing says: our copy may not be that new."""
        registration, now = renewal.registration, self.clock.now()
        known = await self._licences(renewal)
        if (licence := known.get(registration.subscription_id)) is None:
            raise RenewalError("licence-unknown")
        own, *joined = (
            _restated(each, known[each.subscription_id], ended, now)
            if each.subscription_id in known
            else each
            for each in renewal.carried
        )
        restated = own.model_copy(update={"joined": tuple(joined)}) if joined else own
        printed = restated.model_copy(update={"joined": tuple(joined)})
        nth, asks = renewal.form_revision + 1, not renewal.has_released
        form = await self.form_factory.form(printed, nth, now, asks=asks)
        facts = await self.fact_reader.read(renewal.with_changes(registration=restated), licence, now)
        decision = reissue(renewal, restated, form, reason, facts, now)
        return await self.contract_factory.with_contract(decision, now)

    async def _licences(self, renewal: Renewal) -> dict[UUID, LicenceCopy]:
        """The known licences of all products that its form speaks for."""
        found = [await self.licences.get(each.subscription_id) for each in renewal.carried]
        return {licence.subscription_id: licence for licence in found if licence}

    async def confirm(self, id: UUID, revision: int, who: Person, *, key: str | None = None) -> Renewal:
        """The office agrees to the term of its restated form. Raises RenewalError where the form has a newer
        `revision`, or its term can't be confirmed any more; KeyReused."""

        async def decide(state: Renewal | None) -> Decision[Renewal]:
            state = permissions.require_may_change(who, state)
            now = self.clock.now()
            facts = await self.fact_reader.read(state, await self._licence(state), now)
            decision = confirm_term(state, revision, facts, now)
            return await self.contract_factory.with_contract(decision, now)

        cause = Cause.request(who.sub, f"confirm term {id}", key=key, content=str(revision).encode())
        stored = await self.renewals.change(id, decide, cause)
        assert stored is not None  # else it was refused
        return stored.state

    async def _licence(self, renewal: Renewal) -> LicenceCopy:
        if (licence := await self.licences.get(renewal.registration.subscription_id)) is None:
            raise RenewalError("licence-unknown")
        return licence


def _restated(
    registration: Registration, licence: LicenceCopy, ended: UUID | None, now: datetime
) -> Registration:
    """The registration with its term computed from the current licence. If the expiry was corrected since its
    service ended, the end was that of an outdated term, and the copy is right."""
    stage = stage_of(registration, licence, now)
    if ended == licence.subscription_id:
        same = licence.expires_on == registration.term.basis_expires_on
        stage = Stage.TERMINATED if same else licence.stage
    return restate(registration, licence.expires_on, stage, civil_date(now, licence.zone))


def stage_of(registration: Registration, licence: LicenceCopy, now: datetime) -> Stage:
    """The licence's stage; but TERMINATED where the service had ended when the office registered and only the
    temporary access for its form keeps it running now."""
    today = civil_date(now, licence.zone)
    ended = registration.term.basis_stage is Stage.TERMINATED
    bridged = licence.temporary_on(today) is not None and licence.expires_on < today
    return Stage.TERMINATED if ended and bridged else licence.stage
