"""What a walk leaves behind: a line a step, read back from Kafka, and a table to read."""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.demo.witness import Witness, WitnessedEvent
from deploy.local.host.conditions import require

# Happens once in a renewal, whatever dies in between; and the office's form is signed or accepted once.
_ONCE = ("renewal.registered", "renewal.contract_prepared", "signing.contract_issued", "subscription.renewed")


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """What one step did. `events` as the witness saw them, the step's own first; `checks` in words."""

    step: int
    title: tuple[str, str]
    events: tuple[WitnessedEvent, ...]
    checks: tuple[str, ...]

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
    """The last step: every record is still where it was seen, none of the effects happened twice, and
    each source told its own in order; `form` is the event by which the office's form came. Raises Problem.
    """
    witness.look()
    seen = [event for line in lines for event in line.events]
    for event in seen:
        require(
            witness.read_again(event) == event,
            f"{event.topic}/{event.partition}/{event.offset} đọc lại như cũ",
            f"{event.topic}/{event.partition}/{event.offset} reads the same again",
        )
    once = Counter(event.type for event in _distinct(witness.seen))
    for name in (*_ONCE, form):
        count = once[name]
        require(count == 1, f"{name} đúng một lần, có {count}", f"{name} exactly once, it is {count}")
    _in_order(witness.seen)
    checks = (f"{len(seen)} bản ghi đọc lại đúng / records read back", "một hợp đồng / one contract")
    return EvidenceLine(number, ("Đọc lại từ Kafka", "Read back"), (seen[-1],), checks)


def _distinct(events: Iterable[WitnessedEvent]) -> list[WitnessedEvent]:
    """A relay that died between publishing and noting it publishes again under the same id."""
    return list({event.id: event for event in events}.values())


def _in_order(events: Iterable[WitnessedEvent]) -> None:
    told: dict[str, list[int]] = defaultdict(list)
    for event in _distinct(events):
        told[event.aggregate].append(event.sequence)
    for aggregate, sequence in told.items():
        require(sequence == sorted(sequence), f"{aggregate} đúng thứ tự", f"{aggregate} is in order")


def write(lines: Iterable[EvidenceLine], file: Path) -> None:
    """One JSON object a line; whole or not at all."""
    draft = file.with_suffix(".new")
    draft.write_text("".join(f"{line.as_json()}\n" for line in lines), encoding="utf-8")
    draft.replace(file)


def table(lines: Iterable[EvidenceLine]) -> str:
    rows = [("", "bước / step", "sự kiện / event", "topic", "p", "offset", "ce_id")]
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
    """Columns on screen: combining marks take none."""
    return sum(not unicodedata.combining(letter) for letter in text)
