"""What was promised for each event version: one full example body and the JSON schema, frozen in a file."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent / "golden"
REFRESH = "python -m tests.contracts"

Json = Mapping[str, Any]


class Golden(BaseModel):
    model_config = ConfigDict(frozen=True)

    example: dict[str, Any]
    json_schema: dict[str, Any]


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON schema without the texts that only people read."""
    return dict(_bare(model.model_json_schema()))


def file_of(event_type: str) -> Path:
    return FOLDER / f"{event_type}.json"


def load(event_type: str) -> Golden | None:
    """None for an event that is not frozen yet."""
    file = file_of(event_type)
    return Golden.model_validate_json(file.read_text()) if file.exists() else None


def write(event_type: str, golden: Golden) -> None:
    text = json.dumps(golden.model_dump(), indent=2, ensure_ascii=False)
    file_of(event_type).write_text(text + "\n")


def breaks(before: Json, now: Json) -> list[str]:
    """How `now` breaks those who read or wrote by `before`; empty when it only adds optional fields."""
    found = list(_object_breaks("body", before, now))
    shapes: Json = now.get("$defs", {})
    for name, shape in before.get("$defs", {}).items():
        if name in shapes:
            found += _object_breaks(name, shape, shapes[name])
        else:
            found.append(f"{name}: gone")
    return found


def _object_breaks(name: str, before: Json, now: Json) -> Iterator[str]:
    fields, fields_now = before.get("properties", {}), now.get("properties", {})
    for field, shape in fields.items():
        if field not in fields_now:
            yield f"{name}.{field}: gone"
        elif shape != fields_now[field]:
            yield f"{name}.{field}: was {shape}, is {fields_now[field]}"
    required, required_now = set(before.get("required", ())), set(now.get("required", ()))
    yield from (f"{name}.{field}: was required, is optional" for field in sorted(required - required_now))
    yield from (f"{name}.{field}: is required" for field in sorted(required_now - required))
    rest, rest_now = _rest(before), _rest(now)
    if rest != rest_now:
        yield f"{name}: was {rest}, is {rest_now}"


def _rest(schema: Json) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("properties", "required", "$defs")}


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _bare(value)
        for key, value in schema.items()
        if key not in ("title", "description") or not isinstance(value, str)
    }
