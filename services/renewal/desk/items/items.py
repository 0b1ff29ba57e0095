"""The desk's items: events open and end them, and clerks complete them.

Each event is one conditional save. If the process dies before it, the message comes again; after it, the
repeated message changes nothing.

The event that ends a hold may come before the event that opens it. The copy of the licence then shows that
the hold is over. The opening handler saves the item first and then reads the copy; the copy is updated before
the ending handler looks for the item. So at least one of the two sees the other. If the process dies in
between, the repeated message does the rest.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.renewal.domain.desk import desk_item
from services.renewal.domain.desk.desk_item import (
    DeskItem,
    contradicted_item_id,
    held_item_id,
    notice_item_id,
    withheld_item_id,
)
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.refusal import RenewalError
from shared.events.base import Stage
from shared.events.notifier import NoticeFailed
from shared.events.signing import SealFailed
from shared.events.subscription import (
    AccessHeld,
    AccessLocked,
    AccessRestored,
    ContractWithheld,
    OrderContradicted,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.messaging.envelope import Position
from shared.messaging.routes import Routes
from shared.resilience.errors import VersionMismatch
from shared.storage.aggregate import Cause, Decision, Stored
from shared.storage.mongo import IndexModel
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.time.calendar import civil_date
from shared.time.clock import Clock
from shared.web.people import Person

_OLDEST = [("opened_at", 1), ("_id", 1)]
INDEXES = (
    IndexModel([("done.at", 1), *_OLDEST], name="oldest"),
    IndexModel([("done.at", 1), ("about.kind", 1), *_OLDEST], name="kind"),
    IndexModel([("done.at", 1), ("office_ref", 1), *_OLDEST], name="office"),
)
AccessChange = AccessLocked | SubscriptionTerminated | SubscriptionRenewed | AccessRestored


@dataclass(frozen=True, slots=True)
class DeskItems:
    store: Store[DeskItem]
    licences: Projection[LicenceCopy]
    clock: Clock

    async def load(self, id: UUID) -> Stored[DeskItem] | None:
        return await self.store.load(id)

    def add_to(self, routes: Routes) -> None:
        """Call it after the routes of the licences' copies: the copy must be updated before a hold is
        ended."""
        routes.placed(NoticeFailed, self.open_failed_notice)
        routes.placed(AccessHeld, self.open_held_access)
        routes.placed(ContractWithheld, self.open_withheld_contract)
        routes.placed(OrderContradicted, self.open_contradicted_order)
        routes.once(SubscriptionRenewed, self.end_withheld_contract)
        routes.placed(SubscriptionRecorded, self.end_hold_by_record)
        routes.placed(AccessLocked, self.end_hold_by_change)
        routes.placed(SubscriptionTerminated, self.end_hold_by_change)
        routes.placed(SubscriptionRenewed, self.end_hold_by_change)
        routes.placed(AccessRestored, self.end_hold_by_change)

    async def open_failed_notice(self, event: NoticeFailed, cause: Cause, at: Position) -> None:
        id = notice_item_id(event.notice_id)
        await self.store.change(
            id, lambda item: desk_item.open_failed_notice(item, event, at.sequence), cause
        )

    async def open_held_access(self, event: AccessHeld, cause: Cause, at: Position) -> None:
        id = held_item_id(event.subscription_id)
        await self.store.change(id, lambda item: desk_item.open_held_access(item, event, at.sequence), cause)
        licence = await self.licences.get(event.subscription_id)
        if licence and (seen := await self.licences.seen(event.subscription_id, at.aggregate)) > at.sequence:
            later = Cause.command("ended before it was told")
            await self._end_hold(event.subscription_id, licence.stage, licence.expires_on, seen, later)

    async def open_withheld_contract(
        self, event: ContractWithheld | SealFailed, cause: Cause, at: Position
    ) -> None:
        id = withheld_item_id(event.renewal_id)
        await self.store.change(
            id, lambda item: desk_item.open_withheld_contract(item, event, at.sequence), cause
        )

    async def open_contradicted_order(self, event: OrderContradicted, cause: Cause, at: Position) -> None:
        id = contradicted_item_id(event.renewal_id)
        await self.store.change(
            id, lambda item: desk_item.open_contradicted_order(item, event, at.sequence), cause
        )

    async def end_withheld_contract(self, event: SubscriptionRenewed, cause: Cause) -> None:
        now = self.clock.now()
        await self.store.change(
            withheld_item_id(event.renewal_id), lambda item: desk_item.end_withheld_contract(item, now), cause
        )

    async def end_hold_by_record(self, event: SubscriptionRecorded, cause: Cause, at: Position) -> None:
        await self._end_hold(event.subscription_id, event.stage, event.licence.expires_on, at.sequence, cause)

    async def end_hold_by_change(self, event: AccessChange, cause: Cause, at: Position) -> None:
        await self._end_hold(event.subscription_id, event.new_stage, event.expires_on, at.sequence, cause)

    async def complete(
        self,
        id: UUID,
        note: str,
        who: Person,
        *,
        confirms: bool = False,
        seen: int | None = None,
        key: str | None = None,
    ) -> Stored[DeskItem]:
        """Completes the item. `confirms`: the clerk also confirms that the date of held access is right.

        Raises RenewalError where there is no such item, it is already done, it changed since the version
        `seen`, or a date is confirmed that isn't held. Raises KeyReused.
        """
        decided, action = (desk_item.confirm_date, "confirm") if confirms else (desk_item.complete, "done")
        now, zone = self.clock.now(), await self._zone(id)

        def decide(item: DeskItem | None) -> Decision[DeskItem]:
            if item is None:
                raise RenewalError("item-unknown")
            return decided(item, who.sub, note, now, civil_date(now, zone))

        cause = Cause.request(who.sub, f"{action} {id}", note, key=key, content=note.encode())
        try:
            stored = await self.store.change(id, decide, cause, expected_version=seen)
        except VersionMismatch:
            decide(await self.store.state(id))  # its refusal says more, if there is one
            raise RenewalError("item-moved") from None
        assert stored is not None  # else it was refused
        return stored

    async def _zone(self, id: UUID) -> str:
        item = await self.store.state(id)
        licence = await self.licences.get(item.subscription_id) if item else None
        return licence.zone if licence else "UTC"

    async def _end_hold(
        self, subscription_id: UUID, stage: Stage, expires_on: date, sequence: int, cause: Cause
    ) -> None:
        def decide(item: DeskItem | None) -> Decision[DeskItem] | None:
            return desk_item.end_hold(item, stage, expires_on, sequence, self.clock.now())

        await self.store.change(held_item_id(subscription_id), decide, cause)
