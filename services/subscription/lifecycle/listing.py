"""A list of subscriptions: filters, each with an index, and pages that continue from a key."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from typing import Annotated, Any, NamedTuple

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.subscription.store import Subscriptions
from services.subscription.texts import FIELDS
from services.subscription.views import SubscriptionSummaryView
from shared.events.base import Stage
from shared.storage.mongo import Document
from shared.web.problems import FieldError, invalid

log = structlog.get_logger()

_FIELDS: Document = {
    **dict.fromkeys(("office_ref", "product_code", "stage", "ends_on", "locked_since"), 1),
    **dict.fromkeys(("terminated_on", "hold", "next_change_at"), 1),
    "name": "$licence.name",
    "policy": "$licence.policy",
    "expires_on": "$licence.expires_on",
    "disputed": {"$size": "$disputed"},
}


class SubscriptionFilters(BaseModel):
    """A subscription must match all filters that are given.

    Dates are civil dates in each office's zone; "before" and "after" exclude the date itself. `cursor` is the
    `next` of the previous page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: Stage | None = None
    product_code: Annotated[str, Field(max_length=64)] | None = None
    office_ref: Annotated[str, Field(max_length=64)] | None = None
    held: bool | None = None
    disputed: bool | None = None
    expires_before: date | None = None
    expires_after: date | None = None
    ends_before: date | None = None
    cursor: Annotated[str, Field(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SubscriptionPage(BaseModel):
    """`next` is None on the last page."""

    items: list[SubscriptionSummaryView]
    next: str | None


class ListOrder(NamedTuple):
    """Sorted by `field`, then by id; `along` is the index that is read."""

    field: str
    along: str


class ListKey(NamedTuple):
    """Where a page ended: the field it was sorted by, the last value of that field, and the last id."""

    field: str
    value: str
    id: str


_KEY_JSON = TypeAdapter(ListKey)


async def page(subscriptions: Subscriptions, filters: SubscriptionFilters) -> SubscriptionPage:
    order = _order(filters)
    after = _decode(filters.cursor, order) if filters.cursor else None
    query = _after(_query(filters), after)
    found = await subscriptions.page(query, _FIELDS, order.field, order.along, filters.limit + 1)
    matching = found[: filters.limit]
    last = _key(order, matching[-1]) if len(found) > len(matching) else None
    return SubscriptionPage(items=_readable(matching), next=_encode(last) if last else None)


def _order(filters: SubscriptionFilters) -> ListOrder:
    """The most selective index for these filters."""
    indexes = (
        (filters.office_ref, ListOrder("_id", "office")),
        (filters.held, ListOrder("_id", "held")),
        (filters.disputed, ListOrder("_id", "disputed")),
        (filters.ends_before, ListOrder("ends_on", "ends")),
        (filters.expires_before or filters.expires_after, ListOrder("licence.expires_on", "expires")),
        (filters.stage, ListOrder("_id", "stage")),
        (filters.product_code, ListOrder("_id", "product")),
    )
    return next((order for given, order in indexes if given), ListOrder("_id", "_id_"))


def _query(filters: SubscriptionFilters) -> Document:
    query: Document = filters.model_dump(include={"stage", "product_code", "office_ref"}, exclude_none=True)
    if filters.held is not None:
        query["hold"] = {"$type": "string" if filters.held else "null"}
    if filters.disputed is not None:
        query["disputed.0"] = {"$exists": filters.disputed}
    expires = {"$lt": filters.expires_before, "$gt": filters.expires_after}
    if expires := {how: day for how, day in expires.items() if day}:
        query["licence.expires_on"] = expires
    if filters.ends_before:
        query["ends_on"] = {"$lt": filters.ends_before}
    return query


def _after(query: Document, key: ListKey | None) -> Document:
    """The query for what follows `key`: two ranges of one index, because many subscriptions share a day."""
    if key is None:
        return query
    if key.field == "_id":
        return {**query, "_id": {"$gt": key.id}}
    later: dict[str, Any] = {**query.get(key.field, {}), "$gt": key.value}
    same_day = {**query, key.field: key.value, "_id": {"$gt": key.id}}
    return {"$or": [same_day, {**query, key.field: later}]}


def _key(order: ListOrder, last: Document) -> ListKey:
    value = last["_id"] if order.field == "_id" else last[order.field.removeprefix("licence.")]
    return ListKey(order.field, value, last["_id"])


def _encode(key: ListKey) -> str:
    return urlsafe_b64encode(_KEY_JSON.dump_json(key)).decode()


def _decode(cursor: str, order: ListOrder) -> ListKey:
    """Raises a 422 problem if the cursor is malformed, or belongs to a list with another order."""
    try:
        key = _KEY_JSON.validate_json(urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        key = None
    if key is None or key.field != order.field:
        error = FieldError(pointer="/query/cursor", rule="cursor", message=FIELDS["cursor"])
        raise invalid([error])
    return key


def _readable(documents: list[Document]) -> list[SubscriptionSummaryView]:
    """One damaged document must not hide the others."""
    lines = []
    for document in documents:
        try:
            lines.append(SubscriptionSummaryView.model_validate(document))
        except ValidationError:
            log.error("list.damaged", subscription=document["_id"])
    return lines
