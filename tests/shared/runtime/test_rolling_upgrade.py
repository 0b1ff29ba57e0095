"""A replica of an old release saves a document of a newer one: it preserves all fields that it does not
know."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, model_validator

from shared.storage.aggregate import Cause, Decision, State
from shared.storage.mongo import plain
from shared.storage.record import Records, state_of
from tests.support.stored import aggregates, document

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
KINDS = pytest.mark.parametrize("model", aggregates(), ids=lambda model: model.__name__)
TOMORROW = "a_field_of_tomorrow"


def of_tomorrow(value: Any) -> Any:
    """What a newer release would store: every model in `value` has one more field."""
    if isinstance(value, BaseModel):
        known = {name: of_tomorrow(getattr(value, name)) for name in type(value).model_fields}
        return known | {TOMORROW: {"deep": [1, "hai"]}}
    if isinstance(value, tuple | list):
        return [of_tomorrow(item) for item in value]
    if isinstance(value, dict):
        return {str(plain(key)): of_tomorrow(item) for key, item in value.items()}
    return plain(value)


def touched(value: Any) -> Any:
    """The value with every model in it copied and its texts changed, as a decision would."""
    if isinstance(value, BaseModel):
        change = {name: touched(getattr(value, name)) for name in type(value).model_fields}
        return value.model_copy(update=change)
    if isinstance(value, tuple):
        return tuple(touched(item) for item in value)
    if isinstance(value, dict):
        return {key: touched(item) for key, item in value.items()}
    return f"{value}!" if type(value) is str else value


def count(value: Any) -> int:
    """How many fields of the newer release a document has."""
    if isinstance(value, dict):
        return (TOMORROW in value) + sum(count(item) for item in value.values())
    return sum(count(item) for item in value) if isinstance(value, list) else 0


@KINDS
@pytest.mark.parametrize("audited", [None, "things"])
def test_unknown_fields_survive_load_change_and_save(model: type[State], audited: str | None) -> None:
    records = Records(model, "test", audited)
    newer = of_tomorrow(model.model_validate(document(model)))
    as_stored = {"_id": "1", "version": 3, "sequence": 2, "handled": [], **newer}
    stored = records.read(as_stored)
    made = records.save(stored, "1", Decision(touched(stored.state)), Cause.command(), NOW)
    written = as_stored | made.update()["$set"]
    assert count(newer) > 0
    assert count(state_of(written)) == count(newer)


@KINDS
def test_unchanged_state_writes_nothing(model: type[State]) -> None:
    """Unknown fields are no change: otherwise an old replica would write the whole state on every save."""
    records = Records(model, "test", None)
    newer = of_tomorrow(model.model_validate(document(model)))
    stored = records.read({"_id": "1", "version": 3, "sequence": 2, "handled": [], **newer})
    assert records.save(stored, "1", Decision(stored.state), Cause.command(), NOW).state == {}


class OfBefore(State):
    """Documents of older releases lack `given_on`, which is then filled in with `told_on`."""

    told_on: int
    notes: tuple[str, ...] = ()
    given_on: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, fields: Any) -> Any:
        return {"given_on": fields["told_on"], **fields} if isinstance(fields, dict) else fields


@pytest.mark.parametrize("audited", [None, "things"])
def test_field_filled_in_at_loading_is_saved(audited: str | None) -> None:
    """Guards against: a value that older documents lack is computed at each load, and never saved if a change
    sets it to the same value; it then changes with the field from which it is computed."""
    records = Records(OfBefore, "test", audited)
    as_stored = {"_id": "1", "version": 3, "sequence": 2, "handled": [], "told_on": 30, "notes": []}
    if audited:
        as_stored["audit"] = {"head": "0" * 64, "n": 1}
    for change in ({"notes": ("a",), "given_on": 30}, {"told_on": 53}):
        stored = records.read(as_stored)
        made = records.save(
            stored, "1", Decision(stored.state.model_copy(update=change)), Cause.command(), NOW
        )
        as_stored = as_stored | made.update()["$set"]
    assert (as_stored["given_on"], records.state(as_stored).given_on) == (30, 30)
    assert not records.read(as_stored).filled
