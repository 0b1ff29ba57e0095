"""One registration with everything that a clerk needs to decide on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.renewal.desk.claims import Claims
from services.renewal.domain.desk.appointment import RenewerAppointment, appointment_id
from services.renewal.domain.desk.claim import Claim
from services.renewal.domain.flow import OPEN, REGISTRATION_FLOW, FlowStep
from services.renewal.domain.joint.closure import refusal_of
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError, distinct
from services.renewal.domain.registration.registration import Registration, find_warnings
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.renewals import Renewals
from shared.audit.entries import AuditEntry
from shared.flow_table import Owner
from shared.storage.aggregate import Stored
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.clock import Clock
from shared.web.people import Person

_MOST_OTHERS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """`licences`: those known of the products that its form speaks for, by their subscriptions. `odd`: what
    differs from them. `history`: who changed what. `names`: of persons in it whose
    names are known, by their user ids. `others`: the office's other registrations of the product, the newest
    first, at most 20. `claim`: None if none is in force."""

    stored: Stored[Renewal]
    licences: Mapping[UUID, LicenceCopy]
    odd: tuple[InvalidField, ...]
    history: list[AuditEntry]
    names: dict[str, str]
    others: list[Renewal]
    claim: Claim | None

    @property
    def renewal(self) -> Renewal:
        return self.stored.state

    @property
    def licence(self) -> LicenceCopy | None:
        return self.licences.get(self.renewal.registration.subscription_id)

    @property
    def steps(self) -> list[FlowStep]:
        """What the desk may do in the present status."""
        steps = REGISTRATION_FLOW.steps_of(self.renewal.status, Owner.DESK)
        return [step for step in steps if self._is_possible(step)]

    def _is_possible(self, step: FlowStep) -> bool:
        if refusal_of(self.renewal, step):
            return False
        match step:
            case FlowStep.REFUSE_COPY:
                return self.renewal.copy_to_check is not None
            case FlowStep.PROPOSE_VOID:
                return self.renewal.void_proposal is None
            case FlowStep.WITHDRAW_VOID | FlowStep.APPROVE_VOID:
                return self.renewal.void_proposal is not None
        return True

    @property
    def moved(self) -> list[tuple[Registration, LicenceCopy]]:
        """While the registration is open, the products on its form whose licence ends on another day than the
        one from which the form's term was counted."""
        if self.renewal.status not in OPEN:
            return []
        known = [(each, self.licences.get(each.subscription_id)) for each in self.renewal.carried]
        return [
            (each, licence)
            for each, licence in known
            if licence and licence.expires_on != each.term.basis_expires_on
        ]


@dataclass(frozen=True, slots=True)
class CaseReader:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    claims: Claims
    appointments: Store[RenewerAppointment]
    clock: Clock

    async def case(self, id: UUID) -> Case:
        """Raises RenewalError."""
        if (stored := await self.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        registration = stored.state.registration
        licences = await self._licences(stored.state)
        claim = (await self.claims.of([id])).get(id)
        holds = claim is not None and claim.is_in_force(stored.state.waits_since, self.clock.now())
        return Case(
            stored=stored,
            licences=licences,
            odd=distinct(odd for each in licences.values() for odd in find_warnings(registration, each)),
            history=await self.renewals.history(id),
            names=await self._names(registration.office_ref),
            others=await self.renewals.others_of(stored.state, _MOST_OTHERS),
            claim=claim if holds else None,
        )

    async def claim(self, id: UUID, who: Person, *, over: bool = False) -> Claim:
        """Raises RenewalError."""
        if (stored := await self.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        return await self.claims.take(stored.state, who, over=over)

    async def _licences(self, renewal: Renewal) -> dict[UUID, LicenceCopy]:
        found = [await self.licences.get(each.subscription_id) for each in renewal.carried]
        return {licence.subscription_id: licence for licence in found if licence}

    async def _names(self, office_ref: str) -> dict[str, str]:
        """The platform gives no names: only that of the renewer whom the desk appointed is known."""
        found = await self.appointments.state(appointment_id(office_ref))
        return {found.renewer.user_ref: found.renewer.name} if found and found.renewer else {}
