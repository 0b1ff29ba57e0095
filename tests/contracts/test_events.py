"""Events keep what was promised: consumers of any age read them, and old records stay readable."""

import json

import pytest

from shared.events import CATALOGUE
from shared.events.base import Event
from tests.contracts.golden import FOLDER, REFRESH, Golden, breaks, load, schema_of

EVENTS = pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.__name__)


def _golden(model: type[Event]) -> Golden:
    golden = load(model.TYPE)
    assert golden, f"{model.TYPE} is not frozen yet: run `{REFRESH}`, look at the file it makes, commit it"
    return golden


@EVENTS
def test_model_reads_the_golden_body_and_writes_the_same(model: type[Event]) -> None:
    example = _golden(model).example
    written = model.model_validate_json(json.dumps(example)).model_dump_json()
    assert json.loads(written) == example


@EVENTS
def test_schema_changes_only_by_adding_optional_fields(model: type[Event]) -> None:
    broken = breaks(_golden(model).json_schema, schema_of(model))
    assert not broken, (
        f"{model.TYPE} would break its readers: {'; '.join(broken)}. "
        "Leave this version as it is and make a new one (….v2) beside it"
    )


@EVENTS
def test_golden_file_knows_every_field(model: type[Event]) -> None:
    assert _golden(model).json_schema == schema_of(model), (
        f"{model.TYPE} has changed since it was frozen: run `{REFRESH}` and commit the golden file"
    )


@EVENTS
def test_unknown_field_of_a_newer_producer_is_ignored(model: type[Event]) -> None:
    example = _golden(model).example
    newer = json.dumps({**example, "a_field_of_tomorrow": {"deep": [1]}})
    assert model.model_validate_json(newer) == model.model_validate_json(json.dumps(example))


def test_no_event_was_taken_out_of_the_catalogue() -> None:
    frozen = {file.stem for file in FOLDER.glob("*.json")}
    assert frozen <= set(CATALOGUE), "records of these types are still in topics; keep their models"
