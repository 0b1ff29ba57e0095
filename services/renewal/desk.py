"""Where registrations come in and are accepted: what people ask for, over whatever channel."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.catalogue import Catalogue
from services.renewal.domain.contract import accept
from services.renewal.domain.declaration import Declaration
from services.renewal.domain.form import register
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import Fault, Refused
from services.renewal.domain.registration import declare, warnings
from services.renewal.domain.renewal import Renewal, Status
from services.renewal.papers import Papers
from services.renewal.store import Renewals
from shared.aggregate import Cause
from shared.clock import Clock
from shared.faults import AlreadyExists, Conflict
from shared.ids import derived, subscription_id
from shared.projection import Projection

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Desk:
    renewals: Renewals
    licences: Projection[LicenceCopy]
    papers: Papers
    catalogue: Catalogue
    clock: Clock

    async def register(
        self, office_ref: str, product_code: str, declaration: Declaration
    ) -> tuple[Renewal, tuple[Fault, ...]]:
        """The new renewal, with what looks odd in it. Raises Refused.

        Its id comes from the subscription and how many registrations it had: two at once meet at the
        same id or at the index of open ones, and one of them is refused; none is lost.
        """
        licence = await self._licence(subscription_id(office_ref, product_code))
        before = await self.renewals.how_many(licence.subscription_id)
        for attempt in range(1, _ATTEMPTS + 1):
            await self._refuse_second(licence.subscription_id, licence.expires_on)
            id = derived("renewal", licence.subscription_id, before + attempt)
            now = self.clock.now()
            registration = declare(id, declaration, licence, self.catalogue, now)
            form = await self.papers.form(registration, 1, registration.registered_on)
            decision = register(registration, form, now)
            try:
                await self.renewals.add(decision, Cause.command())
            except (Conflict, AlreadyExists):
                continue
            return decision.state, warnings(declaration, licence)
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def accept(self, renewal_id: UUID, clerk: str, reason: str) -> Renewal:
        """Accept what awaits confirmation; its contract is prepared with it. Raises Refused."""
        for _ in range(_ATTEMPTS):
            stored = await self.renewals.load(renewal_id)
            if stored is None:
                raise Refused("registration-unknown")
            licence = await self._licence(stored.state.registration.subscription_id)
            now = self.clock.now()
            decision = accept(stored.state, clerk, reason, licence.expires_on, now)
            decision = await self.papers.with_contract(decision, now)
            try:
                await self.renewals.save(stored, decision, Cause.command(), id=renewal_id)
            except Conflict:
                continue
            return decision.state
        raise Conflict(f"renewals: lost {_ATTEMPTS} races in a row")

    async def _licence(self, id: UUID) -> LicenceCopy:
        if (licence := await self.licences.get(id)) is None:
            raise Refused("licence-unknown")
        return licence

    async def _refuse_second(self, id: UUID, basis: date) -> None:
        if (other := await self.renewals.standing(id, basis)) is None:
            return
        issued = other.status is Status.CONTRACT_ISSUED
        name = "term-renewed-already" if issued else "registration-open"
        raise Refused(name, registration=str(other.registration.renewal_id))
