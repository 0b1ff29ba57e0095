"""Each renewal has at most one contract number, one seal and one term; after healing exactly one."""

from collections import defaultdict

from tests.faults.history import (
    Assignment,
    ExpectedAssignment,
    Lines,
    Notice,
    Record,
    StoredDeadLetter,
    StoredParked,
    of,
)


def at_most_one(lines: Lines) -> list[str]:
    """No key has two values of one kind, and no value belongs to two keys."""
    values, keys = defaultdict(list), defaultdict(list)
    for given in of(Assignment, lines):
        values[given.what, given.key].append(given.value)
        keys[given.what, given.value].append(given.key)
    return [
        *(f"{len(got)} {what}s for {key}" for (what, key), got in values.items() if len(got) > 1),
        *(
            f"{what} {value} for {len(set(got))} keys"
            for (what, value), got in keys.items()
            if len(set(got)) > 1
        ),
    ]


def exactly_one_after_healing(lines: Lines) -> list[str]:
    """Every expected assignment exists, unless its message is parked or is a dead letter of that service.
    (The mails' own invariant checks that notices end.)"""
    got: set[tuple[str, str]] = {(given.what, given.key) for given in of(Assignment, lines)}
    got |= {("mail", notice.key) for notice in of(Notice, lines)}
    excused = {(parked.service, parked.id) for parked in of(StoredParked, lines)} | _dead(lines)
    return [
        f"no {due.what} for {due.key}"
        for due in of(ExpectedAssignment, lines)
        if (due.what, due.key) not in got and (due.service, due.cause) not in excused
    ]


def _dead(lines: Lines) -> set[tuple[str, str]]:
    ids = {(record.topic, record.partition, record.offset): record.id for record in of(Record, lines)}
    found = ((b.service, ids.get((b.topic, b.partition, b.offset))) for b in of(StoredDeadLetter, lines))
    return {(service, id) for service, id in found if id is not None}
