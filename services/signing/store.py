"""The stores of forms and contracts, and their queries."""

from collections.abc import Callable
from datetime import date
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.signing.domain.attempt import Signable
from services.signing.domain.contract import ContractSeal, seal_id
from services.signing.domain.form import FormStatus, SigningForm
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import IndexModel
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.web.delegated_renewers import RenewerOf

FORM_INDEXES = (
    IndexModel([("subscription_id", 1), ("status", 1)], name="subscription"),
    IndexModel([("ordered.registration_no", 1)], name="number", sparse=True),
)


class Termination(BaseModel):
    """A copy of the subscription's last termination: the last day of the term that ended, and the day on
    which the service ended."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    expires_on: date
    effective_on: date


class Appointment(BaseModel):
    """A copy of whom the vendor's desk named to renew for an office; None: nobody. `_id` is the office."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    user_ref: str | None


def renewer_of(appointments: Projection[Appointment]) -> RenewerOf:
    async def find(office_ref: str) -> str | None:
        found = await appointments.get(office_ref)
        return found.user_ref if found else None

    return find


S = TypeVar("S", bound=Signable)


class SignableStore(Protocol[S]):
    """A store of documents that offices sign, by renewal id."""

    async def get(self, renewal_id: UUID) -> S | None: ...

    async def change(
        self, id: UUID, decide: Callable[[S | None], Decision[S] | None], cause: Cause
    ) -> Stored[S] | None: ...


class Contracts:
    """The contracts with their seals, by renewal id: of each renewal the newest one."""

    def __init__(self, store: Store[ContractSeal]) -> None:
        self._store = store

    async def get(self, renewal_id: UUID) -> ContractSeal | None:
        return await self._store.state(seal_id(renewal_id))

    async def change(
        self, id: UUID, decide: Callable[[ContractSeal | None], Decision[ContractSeal] | None], cause: Cause
    ) -> Stored[ContractSeal] | None:
        return await self._store.change(seal_id(id), decide, cause)


class Forms:
    """The forms, by renewal id."""

    def __init__(self, store: Store[SigningForm]) -> None:
        self._store = store
        self.change = store.change

    async def get(self, renewal_id: UUID) -> SigningForm | None:
        stored = await self._store.load(renewal_id)
        return stored.state if stored else None

    async def signed_by_office(self, renewal_id: UUID) -> SigningForm | None:
        """The form; that of a joined product as it was signed with its lead's."""
        form = await self.get(renewal_id)
        return form.signed_with_lead(await self.lead_of(renewal_id)) if form else None

    async def lead_of(self, renewal_id: UUID) -> SigningForm | None:
        """The form that a joined product is signed with; None for a form of its own."""
        form = await self.get(renewal_id)
        return await self.get(form.lead_id) if form and form.lead_id else None

    async def awaiting(self, subscription_id: UUID) -> list[Stored[SigningForm]]:
        """The subscription's forms that wait for a signature."""
        return await self._store.find({"subscription_id": subscription_id, "status": FormStatus.AWAITING})

    async def numbered(self, registration_no: str) -> list[SigningForm]:
        """The forms with this number: one, unless two registrations got the same."""
        return await self._store.states({"ordered.registration_no": registration_no})
