"""The desk's items, the registrations that need a decision and the dossiers that wait for one, as one list,
the oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.renewal.desk.items.waiting_dossiers import DOSSIER_KINDS, WaitingDossiers
from services.renewal.domain.desk.desk_item import DeskItem, ItemKind
from services.renewal.domain.desk.queue_filter import EmptyAsNone
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.desk.queued_registration import FIELDS, QueuedRegistration
from services.renewal.domain.desk.waiting_dossier import WaitingDossier
from services.renewal.domain.flow import OPEN
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.renewal import DeskReason
from services.renewal.stores.renewals import Renewals
from shared.storage.aggregate import Stored
from shared.storage.mongo import Document
from shared.storage.projection import Projection
from shared.storage.store import Store

_TO_LOOK_AT: Document = {
    "needs_desk": {"$type": "string"},
    "$and": [{"$or": [{"status": {"$in": OPEN}}, {"needs_desk": DeskReason.JOINED_UNMADE}]}],
}
"""Open registrations; and joint ones whose own contract may be in force while another product waits."""


class ItemFilter(BaseModel):
    """An unknown filter is an error: a list without the filter must not look filtered."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Annotated[ItemKind | None, EmptyAsNone] = None
    office: Annotated[Annotated[str, Field(max_length=100)] | None, EmptyAsNone] = None


Listed = Stored[DeskItem] | QueuedRegistration | WaitingDossier
_DERIVED = (ItemKind.REGISTRATION, *DOSSIER_KINDS)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item, a registration or a dossier. `licence` gives the office's name and contact. For an item it is
    the item's own licence; else one of the office's licences. None where there is no copy."""

    of: Listed
    licence: LicenceCopy | None

    @property
    def item(self) -> Stored[DeskItem] | None:
        return self.of if isinstance(self.of, Stored) else None

    @property
    def waiting(self) -> QueuedRegistration | None:
        return self.of if isinstance(self.of, QueuedRegistration) else None

    @property
    def dossier(self) -> WaitingDossier | None:
        return self.of if isinstance(self.of, WaitingDossier) else None

    @property
    def kind(self) -> ItemKind:
        if isinstance(self.of, WaitingDossier):
            return self.of.kind
        return self.of.state.about.kind if isinstance(self.of, Stored) else ItemKind.REGISTRATION

    @property
    def position(self) -> QueuePosition:
        return _position(self.of)

    @property
    def office_ref(self) -> str:
        return self.of.state.office_ref if isinstance(self.of, Stored) else self.of.office_ref


@dataclass(frozen=True, slots=True)
class ItemPage:
    """`after` is the position of the last row if more rows follow, else None."""

    rows: list[ItemRow]
    after: QueuePosition | None


@dataclass(frozen=True, slots=True)
class ItemList:
    items: Store[DeskItem]
    renewals: Renewals
    licences: Projection[LicenceCopy]
    dossiers: WaitingDossiers

    async def page(self, sought: ItemFilter, most: int, after: QueuePosition | None = None) -> ItemPage:
        """At most `most` rows that match the filter, after the position `after`: items that aren't done,
        registrations that need a decision, and dossiers."""
        found: list[Listed] = []
        if sought.kind not in _DERIVED:
            found += await self._items(sought, most + 1, after)
        if sought.kind in (None, ItemKind.REGISTRATION):
            found += await self._registrations(sought, most + 1, after)
        for kind in DOSSIER_KINDS:
            if sought.kind in (None, kind):
                found += await self.dossiers.listed(kind, most + 1, after, sought.office)
        found.sort(key=_order)
        rows = await self.rows(found[:most])
        return ItemPage(rows, rows[-1].position if len(found) > most else None)

    async def row(self, item: Stored[DeskItem]) -> ItemRow:
        return ItemRow(item, await self.licences.get(item.state.subscription_id))

    async def rows(self, found: list[Listed]) -> list[ItemRow]:
        ids = {one.state.subscription_id for one in found if isinstance(one, Stored)}
        refs = {one.office_ref for one in found if not isinstance(one, Stored)}
        either = [{"_id": {"$in": list(ids)}}, {"office_ref": {"$in": list(refs)}}]
        known = await self.licences.find({"$or": either}, limit=0)
        by_id = {copy.subscription_id: copy for copy in known}
        by_office = {copy.office_ref: copy for copy in known}
        return [
            ItemRow(one, by_id.get(one.state.subscription_id))
            if isinstance(one, Stored)
            else ItemRow(one, by_office.get(one.office_ref))
            for one in found
        ]

    async def _items(
        self, sought: ItemFilter, most: int, after: QueuePosition | None
    ) -> list[Stored[DeskItem]]:
        query: Document = {"done.at": None, **_beyond(after, "opened_at")}
        if sought.kind:
            query["about.kind"] = sought.kind
        if sought.office:
            query["office_ref"] = sought.office
        return await self.items.find(query, sort=[("opened_at", 1), ("_id", 1)], limit=most)

    async def _registrations(
        self, sought: ItemFilter, most: int, after: QueuePosition | None
    ) -> list[QueuedRegistration]:
        query = _TO_LOOK_AT | _beyond(after, "since")
        if sought.office:
            query["registration.office_ref"] = sought.office
        found = await self.renewals.find_fields(query, FIELDS, most)
        return [QueuedRegistration.read(kept, late=False, claimed_by=None) for kept in found]


def _beyond(after: QueuePosition | None, field: str) -> Document:
    if after is None:
        return {}
    same = {field: after.since, "_id": {"$gt": str(after.id)}}
    return {"$or": [{field: {"$gt": after.since}}, same]}


def _position(one: Listed) -> QueuePosition:
    if isinstance(one, Stored):
        return QueuePosition(one.state.opened_at, one.state.id)
    return QueuePosition(one.since, one.renewal_id if isinstance(one, WaitingDossier) else one.id)


def _order(one: Listed) -> tuple[datetime, str]:
    position = _position(one)
    return position.since, str(position.id)
