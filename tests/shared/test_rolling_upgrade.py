"""A replica of the old release saves what a newer one wrote: nothing that it doesn't know gets lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from shared.aggregate import Cause, Decision, State
from shared.mongo import plain
from shared.record import Records, state_of
from tests.support.stored import aggregates, document

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
KINDS = pytest.mark.parametrize("model", aggregates(), ids=lambda model: model.__name__)
TOMORROW = "a_field_of_tomorrow"


def of_tomorrow(value: Any) -> Any:
    """What a newer release would keep: every model in `value` with one more field."""
    if isinstance(value, BaseModel):
        known = {name: of_tomorrow(getattr(value, name)) for name in type(value).model_fields}
        return known | {TOMORROW: {"deep": [1, "hai"]}}
    if isinstance(value, tuple | list):
        return [of_tomorrow(item) for item in value]
    if isinstance(value, dict):
        return {str(plain(key)): of_tomorrow(item) for key, item in value.items()}
    return plain(value)


def touched(value: Any) -> Any:
    """The value with every model in it copied and one text of each changed, as a decision would."""
    if isinstance(value, BaseModel):
        change = {name: touched(getattr(value, name)) for name in type(value).model_fields}
        return value.model_copy(update=change)
    if isinstance(value, tuple):
        return tuple(touched(item) for item in value)
    if isinstance(value, dict):
        return {key: touched(item) for key, item in value.items()}
    return f"{value}!" if type(value) is str else value


def count(value: Any) -> int:
    """How many fields of tomorrow there are in a document."""
    if isinstance(value, dict):
        return (TOMORROW in value) + sum(count(item) for item in value.values())
    return sum(count(item) for item in value) if isinstance(value, list) else 0


@KINDS
@pytest.mark.parametrize("audited", [None, "kept"])
def test_unknown_fields_survive_load_change_and_save(model: type[State], audited: str | None) -> None:
    records = Records(model, "test", audited)
    newer = of_tomorrow(model.model_validate(document(model)))
    kept = {"_id": "1", "version": 3, "sequence": 2, "handled": [], **newer}
    stored = records.read(kept)
    made = records.save(stored, "1", Decision(touched(stored.state)), Cause.command(), NOW)
    written = kept | made.change()["$set"]
    assert count(newer) > 0
    assert count(state_of(written)) == count(newer)


@KINDS
def test_unchanged_state_writes_nothing(model: type[State]) -> None:
    """What is unknown is no change: an old replica doesn't write all anew on every save."""
    records = Records(model, "test", None)
    newer = of_tomorrow(model.model_validate(document(model)))
    stored = records.read({"_id": "1", "version": 3, "sequence": 2, "handled": [], **newer})
    assert records.save(stored, "1", Decision(stored.state), Cause.command(), NOW).state == {}
