"""The check of compatibility itself: what it must catch, and the one thing it must let pass."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel

from tests.contracts.golden import breaks, schema_of

BEFORE: dict[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "stage": {"$ref": "#/$defs/Stage"}},
    "required": ["reason", "stage"],
    "$defs": {"Stage": {"type": "string", "enum": ["active", "locked"]}},
}


def _changed(change: Callable[[dict[str, Any]], object]) -> list[str]:
    now = deepcopy(BEFORE)
    change(now)
    return breaks(BEFORE, now)


def test_optional_field_may_be_added() -> None:
    assert not _changed(lambda now: now["properties"].update(note={"type": "string", "default": ""}))


def test_wording_is_not_part_of_the_promise_but_a_field_called_title_is() -> None:
    class Signer(BaseModel):
        """Anything."""

        title: str

    assert schema_of(Signer) == {
        "properties": {"title": {"type": "string"}}, "required": ["title"], "type": "object",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda now: now["properties"].pop("reason"), "body.reason: gone"),
        (lambda now: now["required"].remove("reason"), "body.reason: was required, is optional"),
        (lambda now: now["required"].append("note"), "body.note: is required"),
        (lambda now: now["properties"]["reason"].update(type="integer"), "body.reason: was"),
        (lambda now: now["$defs"]["Stage"]["enum"].append("held"), "Stage: was"),
        (lambda now: now["$defs"].pop("Stage"), "Stage: gone"),
        (lambda now: now.update(additionalProperties=False), "body: was"),
    ],
)
def test_what_breaks_a_reader_is_found(change: Callable[[dict[str, Any]], object], found: str) -> None:
    assert any(how.startswith(found) for how in _changed(change))
