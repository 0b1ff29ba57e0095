"""Requests for data recovery: an office asks, the platform answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.renewal import permissions
from services.renewal.domain import recovery
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.recovery import RecoveryRequest
from services.renewal.domain.refusal import RenewalError
from shared.events.platform import DataRecoveryAnswered
from shared.ids import subscription_id
from shared.messaging.routes import Routes
from shared.resilience.errors import Conflict
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import IndexModel
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.clock import Clock
from shared.web.people import Person

INDEXES = (
    IndexModel([("subscription_id", 1), ("asked_at", 1)], name="subscription"),
    IndexModel([("office_ref", 1), ("asked_at", 1)], name="office"),
)


@dataclass(frozen=True, slots=True)
class RecoveryService:
    """`most`: how many requests an office may make in a day, for all its products together. The desk may
    always ask for it."""

    store: Store[RecoveryRequest]
    licences: Projection[LicenceCopy]
    most: int
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        routes.once(DataRecoveryAnswered, self.record_answer)

    async def of(self, office_ref: str, product_code: str, who: Person) -> list[RecoveryRequest]:
        """The subscription's requests, the oldest first. Raises RenewalError for a person of another
        office."""
        permissions.require_may_see(who, office_ref)
        return await self._requests(subscription_id(office_ref, product_code))

    async def request(self, office_ref: str, product_code: str, reason: str, who: Person) -> RecoveryRequest:
        """The open request: a new one, or the one that waits for its answer. Raises RenewalError where the
        person is of another office, there is no licence, the service hasn't ended, or the office asked too
        often of late; a 403 problem for a person who may only see the office.

        It is one insert with its event. If the process dies before it, there is no request; after it, a
        repeat finds the request. Two requests at the same time get the same id, and one of them is saved.
        """
        permissions.require_may_register(who, office_ref)
        licence = await self.licences.get(subscription_id(office_ref, product_code))
        if licence is None:
            raise RenewalError("licence-unknown")
        earlier = await self._requests(licence.subscription_id)
        if earlier and earlier[-1].is_open(licence):
            return earlier[-1]
        now, side = self.clock.now(), permissions.side(who)
        if side == "office":
            recovery.check_limit(await self._of_late(office_ref, now), self.most)
        decision = recovery.request_recovery(licence, len(earlier) + 1, side, who.sub, reason, now)
        try:
            cause = Cause.request(who.sub, "ask recovery", reason)
            await self.store.save(None, decision, cause, id=decision.state.id)
        except Conflict:
            return (await self._requests(licence.subscription_id))[-1]
        return decision.state

    async def record_answer(self, event: DataRecoveryAnswered, cause: Cause) -> None:
        """Records the platform's answer.

        The answer may be for a request that was made elsewhere, through the subscription service. Only one
        request per subscription is open there, so the answer also holds for our requests made before it.
        If the process dies between two saves, the message comes again and skips those already answered.
        """
        earlier = await self._requests(event.subscription_id)
        ours = [request for request in earlier if request.id == event.recovery_id]
        meanwhile = [r for r in earlier if r.answer is None and r.asked_at <= event.occurred_at]

        def decide(state: RecoveryRequest | None) -> Decision[RecoveryRequest] | None:
            return recovery.record_answer(state, event) if state else None

        for request in ours or meanwhile:
            await self.store.change(request.id, decide, cause)

    async def _of_late(self, office_ref: str, now: datetime) -> list[RecoveryRequest]:
        """The office's requests for all its products within the limit's time, at most as many as matter."""
        late = {"office_ref": office_ref, "asked_at": {"$gt": now - recovery.LIMIT_OVER}}
        return [stored.state for stored in await self.store.find(late, limit=self.most)]

    async def _requests(self, subscription: UUID) -> list[RecoveryRequest]:
        found = await self.store.find({"subscription_id": subscription}, sort=[("asked_at", 1)])
        return [stored.state for stored in found]
