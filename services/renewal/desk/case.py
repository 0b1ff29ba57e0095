"""One registration with everything that a clerk needs to decide on it."""

from dataclasses import dataclass
from uuid import UUID

from services.renewal.desk.claims import Claims
from services.renewal.domain.desk.claim import Claim
from services.renewal.domain.flow import STEP_OWNERS, TRANSITIONS, FlowStep, Owner
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import InvalidField, RenewalError
from services.renewal.domain.registration.registration import find_warnings
from services.renewal.domain.renewal import Renewal
from services.renewal.store import Renewals
from shared.audit.entries import AuditEntry
from shared.storage.aggregate import Stored
from shared.storage.projection import Projection
from shared.time.clock import Clock
from shared.web.people import Person


@dataclass(frozen=True, slots=True)
class Case:
    """`odd`: what differs from the licence. `history`: who changed what. `others`: the office's other
    registrations of the product, the newest first. `claim`: None if none is in force."""

    stored: Stored[Renewal]
    licence: LicenceCopy | None
    odd: tuple[InvalidField, ...]
    history: list[AuditEntry]
    others: list[Renewal]
    claim: Claim | None

    @property
    def renewal(self) -> Renewal:
        return self.stored.state

    @property
    def steps(self) -> list[FlowStep]:
        """What the desk may do in the present status."""
        steps = [step for step in TRANSITIONS[self.renewal.status] if Owner.DESK in STEP_OWNERS[step]]
        return [step for step in steps if step is not FlowStep.REFUSE_COPY or self.renewal.copy_to_check]

    @property
    def basis_moved(self) -> bool:
        """The licence now ends on another day than the one from which the form's term was counted."""
        basis = self.renewal.registration.term.basis_expires_on
        return self.licence is not None and self.licence.expires_on != basis


@dataclass(frozen=True, slots=True)
class CaseReader:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    claims: Claims
    clock: Clock

    async def case(self, id: UUID) -> Case:
        """Raises RenewalError."""
        if (stored := await self.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        registration = stored.state.registration
        licence = await self.licences.get(registration.subscription_id)
        claim = (await self.claims.of([id])).get(id)
        holds = claim is not None and claim.is_in_force(stored.state.waits_since, self.clock.now())
        return Case(
            stored=stored,
            licence=licence,
            odd=find_warnings(registration, licence) if licence else (),
            history=await self.renewals.history(id),
            others=await self._others(stored.state),
            claim=claim if holds else None,
        )

    async def claim(self, id: UUID, who: Person, *, over: bool = False) -> Claim:
        """Raises RenewalError."""
        if (stored := await self.renewals.load(id)) is None:
            raise RenewalError("registration-unknown")
        return await self.claims.take(stored.state, who, over=over)

    async def _others(self, renewal: Renewal) -> list[Renewal]:
        registration = renewal.registration
        found = await self.renewals.of_office(registration.office_ref)
        return [
            other
            for other in found
            if other.registration.product_code == registration.product_code
            and other.registration.renewal_id != registration.renewal_id
        ]
