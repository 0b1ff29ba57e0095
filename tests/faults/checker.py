"""Checks a recorded history against the invariants. Reads only the file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.faults.history import Lines, read
from tests.faults.invariants import assignments, inputs, lag, log, mails, offsets, order, transitions
from tests.faults.invariants.money import MONEY_INVARIANTS

Invariant = Callable[[Lines], list[str]]

INVARIANTS: Mapping[str, Invariant] = {
    "committed is in the log": log.committed_is_in_the_log,
    "in order without gaps": order.in_order_without_gaps,
    "at most one number and seal": assignments.at_most_one,
    "exactly one after healing": assignments.exactly_one_after_healing,
    "one letter a notice": mails.one_letter_a_notice,
    "every input ends": inputs.every_input_ends,
    "no offset passes an unresolved record": offsets.no_offset_passes_an_unresolved_record,
    "each transition once": transitions.each_transition_once,
    "never early": transitions.never_early,
    "nothing is left": lag.nothing_is_left,
    **MONEY_INVARIANTS,
}


class Violation(NamedTuple):
    invariant: str
    what: str


def check(lines: Lines) -> list[Violation]:
    return [Violation(name, what) for name, holds in INVARIANTS.items() for what in holds(lines)]


def check_file(file: Path) -> list[Violation]:
    return check(read(file))
