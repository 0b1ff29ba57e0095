"""HTTP: the desk's items, and the clerk's report that one is done.

`If-Match` with the version on the screen prevents two clerks from overwriting each other. The idempotency key
prevents one clerk from doing it twice.
"""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from services.renewal.desk.items.item_list import ItemFilter, ItemList, ItemPage, ItemRow
from services.renewal.desk.items.item_texts import (
    KINDS,
    contradiction,
    notice,
    why_dossier,
    why_held,
    why_withheld,
)
from services.renewal.desk.items.items import DeskItems
from services.renewal.desk.rest.views import QueuedView
from services.renewal.domain.desk.desk_item import (
    ContradictedOrder,
    FailedNotice,
    HeldAccess,
    ItemCompletion,
    ItemKind,
    WithheldContractItem,
)
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.desk.waiting_dossier import WaitingDossier
from services.renewal.rest.requests import PlaceText, Seen, refusals
from shared.text.i18n import Text
from shared.text.names import Item
from shared.web.idempotency import IdempotencyKey
from shared.web.people import Person, Role, TokenVerifier, require_person

PATH = "/v1/desk/items"
LARGEST = 500


class ItemParameters(ItemFilter):
    """`after`: from the last answer, for the next page."""

    limit: int = Field(100, ge=1, le=LARGEST)
    after: PlaceText = ""

    @property
    def sought(self) -> ItemFilter:
        return ItemFilter(kind=self.kind, office=self.office)


class CompletionRequest(BaseModel):
    """What the clerk did: whom the clerk spoke to, and what was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: Item


class ContactView(BaseModel):
    """Whom to call, from the licence."""

    office_name: str
    name: str
    phone: str
    email: str


class ItemView(BaseModel):
    """An item. One of `notice`, `held`, `withheld`, `contradicted`, `registration` and `dossier` is set,
    depending on `kind`. Send `version` back as If-Match. `release`: where to confirm that a held date is
    right."""

    id: UUID
    kind: ItemKind
    kind_text: Text
    about_text: Text | None
    version: int
    since: datetime
    office_ref: str
    product_code: str
    contact: ContactView | None
    notice: FailedNotice | None = None
    held: HeldAccess | None = None
    withheld: WithheldContractItem | None = None
    contradicted: ContradictedOrder | None = None
    release: str | None = None
    registration: QueuedView | None = None
    dossier: WaitingDossier | None = None
    done: ItemCompletion | None = None

    @classmethod
    def of(cls, row: ItemRow) -> Self:
        known = {
            "kind": row.kind,
            "kind_text": KINDS[row.kind],
            "office_ref": row.office_ref,
            "contact": _contact(row),
            "since": row.position.since,
            "id": row.position.id,
        }
        if waiting := row.waiting:
            view = QueuedView.of(waiting)
            about: dict[str, Any] = {"about_text": view.needs_desk_text, "registration": view}
            return cls(**known, **about, version=waiting.version, product_code=waiting.product_code)
        if dossier := row.dossier:
            about = {"about_text": why_dossier(dossier), "dossier": dossier}
            return cls(**known, **about, version=dossier.version, product_code=dossier.product_code)
        assert row.item is not None
        item = row.item.state
        fields = {"version": row.item.version, "product_code": item.product_code, "done": item.done}
        if isinstance(item.about, FailedNotice):
            return cls(**known, **fields, notice=item.about, about_text=notice(item.about))
        if isinstance(item.about, WithheldContractItem):
            return cls(**known, **fields, withheld=item.about, about_text=why_withheld(item.about))
        if isinstance(item.about, ContradictedOrder):
            return cls(**known, **fields, contradicted=item.about, about_text=contradiction(item.about))
        release = f"{PATH}/{item.id}/release"
        return cls(**known, **fields, held=item.about, about_text=why_held(item.about), release=release)


class ItemsView(BaseModel):
    """`after`: send it for the next page; null where this is the last one."""

    items: list[ItemView]
    after: str | None

    @classmethod
    def of(cls, page: ItemPage) -> Self:
        items = [ItemView.of(row) for row in page.rows]
        return cls(items=items, after=str(page.after) if page.after else None)


def item_routes(items: DeskItems, item_list: ItemList, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix=PATH)
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("")
    async def page(query: Annotated[ItemParameters, Query()], who: Annotated[Person, clerk]) -> ItemsView:
        """The items that aren't done, the oldest first."""
        after = QueuePosition.read(query.after) if query.after else None
        return ItemsView.of(await item_list.page(query.sought, query.limit, after))

    @routes.post("/{id}/done")
    async def done(
        id: UUID,
        body: CompletionRequest,
        who: Annotated[Person, clerk],
        seen: Seen = None,
        key: IdempotencyKey = None,
    ) -> ItemView:
        """The clerk has done the item. Not for a registration or a dossier: it leaves the list when it is
        decided on."""
        return await decide(id, body, who, seen, key)

    @routes.post("/{id}/release")
    async def release(
        id: UUID,
        body: CompletionRequest,
        who: Annotated[Person, clerk],
        seen: Seen = None,
        key: IdempotencyKey = None,
    ) -> ItemView:
        """The held date is right, and the office knows it: it is in force from today."""
        return await decide(id, body, who, seen, key, confirms=True)

    async def decide(
        id: UUID,
        body: CompletionRequest,
        who: Person,
        seen: str | None,
        key: str | None,
        *,
        confirms: bool = False,
    ) -> ItemView:
        with refusals():
            version = int(seen.strip('"')) if seen else None
            stored = await items.complete(id, body.note, who, confirms=confirms, seen=version, key=key)
        return ItemView.of(await item_list.row(stored))

    return routes


def _contact(row: ItemRow) -> ContactView | None:
    if (licence := row.licence) is None:
        return None
    return ContactView(
        office_name=licence.name,
        name=licence.contact_name,
        phone=licence.contact_phone,
        email=licence.contact_email,
    )
