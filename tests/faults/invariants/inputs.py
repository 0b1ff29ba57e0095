"""Every input ends: in its effect, as a dead letter, or parked."""

from tests.faults.history import Lines
from tests.faults.invariants.endings import NEVER, ends, named


def every_input_ends(lines: Lines) -> list[str]:
    return [named(service, record) for (service, record), at in ends(lines).items() if at == NEVER]
