"""The log has each source aggregate's events in order."""

from collections import defaultdict

from tests.faults.history import Lines, Record, of


def in_order_without_gaps(lines: Lines) -> list[str]:
    """Only the first appearance of an event counts: the same event again (same id and number) is a duplicate,
    which readers recognise. An aggregate stays in one partition, its numbers start at one without gaps, and
    each number belongs to one event."""
    sights: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in sorted(of(Record, lines), key=lambda r: (r.topic, r.partition, r.offset)):
        if record.id is not None:
            sights[record.topic, record.aggregate].append(record)
    return [
        f"{topic} {aggregate}: {fault}"
        for (topic, aggregate), records in sights.items()
        if (fault := _fault(records))
    ]


def _fault(records: list[Record]) -> str | None:
    if len({record.partition for record in records}) > 1:
        return "in more than one partition"
    numbers = list({record.id: record.sequence for record in records}.values())
    return None if numbers == list(range(1, len(numbers) + 1)) else f"numbers {numbers}"
