"""No committed offset passes an unhandled record."""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.history import Lines, Offset, Record
from tests.faults.invariants.endings import ends, named

Place = tuple[str, str, int]
Settled = list[tuple[int, float, Record]]


def no_offset_passes_an_unresolved_record(lines: Lines) -> list[str]:
    """A commit without an answer counts, because it may have happened."""
    settled: dict[Place, Settled] = defaultdict(list)
    for (service, record), at in ends(lines).items():
        settled[service, record.topic, record.partition].append((record.offset, at, record))
    found: dict[tuple[str, Record], str] = {}
    for service, record, offset in _passed(lines, settled):
        found.setdefault((service, record), f"{named(service, record)}, passed by offset {offset}")
    return list(found.values())


def _passed(lines: Lines, settled: dict[Place, Settled]) -> Iterator[tuple[str, Record, int]]:
    for number, line in enumerate(lines):
        if isinstance(line, Offset):
            for offset, at, record in settled[line.service, line.topic, line.partition]:
                if offset < line.offset and at > number:
                    yield line.service, record, line.offset
