"""Per source aggregate the log tells everything in order."""

from collections import defaultdict

from tests.faults.history import Lines, Record, of


def in_order_without_gaps(lines: Lines) -> list[str]:
    """By first sight: the same event again (same id, same number) is a repeat, which readers know. An
    aggregate lies in one partition, is numbered from one without gaps, and a number is one event's."""
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
