"""The evidence check fails if a record moved, an effect happened twice, or an order was broken."""

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from deploy.local.demo.evidence import EvidenceLine, read_back, table, write
from deploy.local.demo.witness import Witness, WitnessedEvent
from deploy.local.host.problem import StackProblem

ONCE = (
    "renewal.registered", "signing.form_signed", "renewal.contract_prepared", "signing.contract_issued",
    "subscription.renewed",
)  # fmt: skip


def event(n: int, name: str) -> WitnessedEvent:
    source = name.partition(".")[0]
    return WitnessedEvent(f"{source}.events", 3, n, f"id-{n}", name, "subject", f"{source}/one", n, {"n": n})


EVENTS = [event(n, name) for n, name in enumerate(ONCE, 1)]


class Log:
    """A fake witness of a log that holds `events`. `again` changes what it reads again."""

    def __init__(self, events: list[WitnessedEvent]) -> None:
        self.seen = events

    def look(self) -> None:
        """Everything has been read."""

    def read_again(self, record: WitnessedEvent) -> WitnessedEvent:
        return record


class MovedLog(Log):
    def read_again(self, record: WitnessedEvent) -> WitnessedEvent:
        return replace(record, id="another")


def lines(events: list[WitnessedEvent]) -> list[EvidenceLine]:
    return [EvidenceLine(n, ("bước", "step"), (event,), ("đúng",)) for n, event in enumerate(events, 1)]


FORM = "signing.form_signed"


def judge(log: Log) -> EvidenceLine:
    return read_back(cast("Witness", log), lines(EVENTS), 6, FORM)


def test_what_is_as_it_was_is_evidence() -> None:
    assert judge(Log(EVENTS)).events == (EVENTS[-1],)


def test_the_same_event_published_again_is_one_event() -> None:
    assert judge(Log([*EVENTS, replace(EVENTS[3], offset=99)])).step == 6


@pytest.mark.parametrize("name", ONCE)
def test_an_effect_that_came_twice_is_refused(name: str) -> None:
    with pytest.raises(StackProblem, match=f"{name} exactly once, it is 2"):
        judge(Log([*EVENTS, event(9, name)]))


def test_an_effect_that_is_missing_is_refused() -> None:
    with pytest.raises(StackProblem, match=r"subscription\.renewed exactly once, it is 0"):
        judge(Log(EVENTS[:-1]))


def test_a_source_that_told_out_of_order_is_refused() -> None:
    late = replace(event(0, "renewal.accepted"), offset=50)
    with pytest.raises(StackProblem, match="renewal/one is in order"):
        judge(Log([*EVENTS, late]))


def test_a_record_that_reads_differently_is_refused() -> None:
    with pytest.raises(StackProblem, match="reads the same again"):
        judge(MovedLog(EVENTS))


def test_a_line_a_step_names_place_and_event(tmp_path: Path) -> None:
    write(lines(EVENTS), tmp_path / "walk.jsonl")
    found = [json.loads(line) for line in (tmp_path / "walk.jsonl").read_text().splitlines()]
    assert [line["step"] for line in found] == [1, 2, 3, 4, 5]
    assert {key: found[0][key] for key in ("topic", "partition", "offset", "ce_id", "ce_type")} == {
        "topic": "renewal.events", "partition": 3, "offset": 1, "ce_id": "id-1",
        "ce_type": "vn.giahan.renewal.registered.v1",
    }  # fmt: skip


def test_the_table_has_a_row_an_event() -> None:
    assert [row.split()[-1] for row in table(lines(EVENTS)).splitlines()] == [
        "ce_id",
        *(e.id for e in EVENTS),
    ]
