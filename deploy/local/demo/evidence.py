"""The evidence of a walk: one line for each step, verified against Kafka, and a table for people."""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local.demo.texts import both, one_line
from deploy.local.demo.witness import Witness, WitnessedEvent
from deploy.local.host.conditions import require

# These happen once in a renewal, whatever dies meanwhile. The office's form too is signed or accepted once.
_ONCE = ("renewal.registered", "renewal.contract_prepared", "signing.contract_issued", "subscription.renewed")


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """What one step did: the `events` that the witness saw, the step's own first, and the
    `checks` as texts."""

    step: int
    title: tuple[str, str]
    events: tuple[WitnessedEvent, ...]
    checks: tuple[str, ...]

    def with_more(self, *events: WitnessedEvent, checks: tuple[str, ...] = ()) -> "EvidenceLine":
        """With the effects on another product of the office."""
        return replace(self, events=(*self.events, *events), checks=(*self.checks, *checks))

    def as_json(self) -> str:
        own, *others = self.events
        return json.dumps(
            {
                "step": self.step,
                "title": self.title[1],
                **own.evidence(),
                "also": [event.evidence() for event in others],
                "checks": self.checks,
            },
            ensure_ascii=False,
        )


def read_back(witness: Witness, lines: Sequence[EvidenceLine], number: int, form: str) -> EvidenceLine:
    """The last step: verify the log. Raises StackProblem.

    Every record must still be where it was seen, no effect may have happened twice, and each source's events
    must be in order. `form` is the event with which the office's form arrived.
    """
    seen = [event for line in lines for event in line.events]
    for event in seen:
        require(
            witness.read_again(event) == event,
            *both(
                "check.reads_same_again", topic=event.topic, partition=event.partition, offset=event.offset
            ),
        )
    check_effects(witness, form)
    checks = (f"{len(seen)} {one_line('seen.read_back')}", one_line("seen.one_contract"))
    return EvidenceLine(number, both("step.read_back"), (seen[-1],), checks)


def check_effects(witness: Witness, form: str) -> None:
    """Raises StackProblem unless each effect on the witness's subscription happened once, and in order."""
    witness.look()
    once = Counter(event.type for event in _distinct(witness.seen))
    for name in (*_ONCE, form):
        count = once[name]
        require(count == 1, *both("check.exactly_once", name=name, count=count))
    _in_order(witness.seen)


def _distinct(events: Iterable[WitnessedEvent]) -> list[WitnessedEvent]:
    """Each event once. A relay that died between publishing and noting it publishes again
    with the same id."""
    return list({event.id: event for event in events}.values())


def _in_order(events: Iterable[WitnessedEvent]) -> None:
    told: dict[str, list[int]] = defaultdict(list)
    for event in _distinct(events):
        told[event.aggregate].append(event.sequence)
    for aggregate, sequence in told.items():
        require(sequence == sorted(sequence), *both("check.order", aggregate=aggregate))


def write(lines: Iterable[EvidenceLine], file: Path) -> None:
    """Write one JSON object for each line, the whole file or nothing."""
    draft = file.with_suffix(".new")
    draft.write_text("".join(f"{line.as_json()}\n" for line in lines), encoding="utf-8")
    draft.replace(file)


def table(lines: Iterable[EvidenceLine]) -> str:
    rows = [("", one_line("report.step"), one_line("report.event"), "topic", "p", "offset", "ce_id")]
    for line in lines:
        for n, event in enumerate(line.events):
            first = (str(line.step), " / ".join(line.title)) if n == 0 else ("", "")
            rows.append((*first, event.type, event.topic, str(event.partition), str(event.offset), event.id))
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    """The number of columns on the screen: combining marks take none."""
    return sum(not unicodedata.combining(letter) for letter in text)
