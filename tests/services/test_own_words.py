"""Texts that people write reach audit, timeline, mail and log. No route accepts characters that a reader
doesn't see, or that reverse or hide the text next to them."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from services.renewal.desk.rest.renewers import RenewerRequest
from services.renewal.main import compose as renewal
from services.renewal.settings import RenewalSettings
from services.subscription.main import compose as subscription
from services.subscription.settings import SubscriptionSettings
from shared.text.characters import harmless
from shared.text.names import Reason

HIDDEN = (
    "\u202e",
    "\u2066",
    "\u200b",
    "\u00ad",
    "\ufeff",
    "\u2028",
    "\u0000",
    "\u0007",
    "\u001b",
    "\u0085",
    "\u009b",
)
_NOWHERE: dict[str, Any] = {"environment": "local", "mongo": "mongodb://127.0.0.1:1", "kafka": "127.0.0.1:1"}
# Draft fields, which are stored as typed and checked at registration; and search texts, which are not stored.
_UNCHECKED = {
    ("Fields", "fields"),
    ("EntryRequest", "code"),
    ("SheetRequest", "code"),
    ("OrderRequest", "package"),
}


def _models(routers: list[APIRouter]) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = {RenewerRequest}
    for router in routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for dependant in (route.dependant, *route.dependant.dependencies):
                for body in dependant.body_params:
                    found |= set(_within(body.field_info.annotation))
    return found


def _within(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _within(field.annotation)
    for part in get_args(annotation):
        yield from _within(part)


def _texts(model: type[BaseModel]) -> Iterator[tuple[str, TypeAdapter[Any]]]:
    for name, field in model.model_fields.items():
        if _is_text(field.annotation) and (model.__name__, name) not in _UNCHECKED:
            kind: Any = field.annotation
            for rule in field.metadata:
                kind = Annotated[kind, rule]
            yield name, TypeAdapter(kind)


def _is_text(annotation: Any) -> bool:
    if get_origin(annotation) in (Annotated, Union, types.UnionType):
        return any(map(_is_text, get_args(annotation)))
    return annotation is str


@pytest.mark.parametrize("service", ["renewal", "subscription"])
async def test_no_route_takes_what_cannot_be_seen(service: str) -> None:
    if service == "renewal":
        made, plan = renewal(RenewalSettings(**_NOWHERE))
    else:
        made, plan = subscription(SubscriptionSettings(**_NOWHERE))
    made.client.close()
    taken = []
    read = [(model, *text) for model in _models(list(plan.routers)) for text in _texts(model)]
    assert len(read) > 3
    for model, name, adapter in read:
        for hidden in HIDDEN:
            try:
                cleaned = adapter.validate_python(f"a{hidden}b")
            except ValidationError:
                continue
            if hidden in cleaned:
                taken.append((model.__name__, name, hidden))
    assert taken == []


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_reason_is_what_a_reader_sees(hidden: str) -> None:
    read = TypeAdapter(Reason)
    if hidden in ("\u0000", "\u0007", "\u001b", "\u009b"):
        with pytest.raises(ValidationError, match="cannot be printed"):
            read.validate_python(f"Sai{hidden} ngày")
    else:
        assert read.validate_python(f" Sai{hidden} ngày ") == "Sai ngày"


@pytest.mark.parametrize("hidden", HIDDEN)
def test_another_systems_words_are_kept_without(hidden: str) -> None:
    assert hidden not in harmless(f"Đã{hidden} xóa")
    assert len(harmless("x" * 5000)) == 1000
