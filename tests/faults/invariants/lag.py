"""After healing no work is left."""

from tests.faults.history import Healed, Lines, Position, of


def nothing_is_left(lines: Lines) -> list[str]:
    """The run reported that everything came to rest in time, and the groups' positions agree. A run that
    never healed proves nothing."""
    healed = of(Healed, lines)
    behind = [
        f"{at.service}: {at.behind} records of {at.topic}/{at.partition} not taken"
        for at in of(Position, lines)
        if at.behind
    ]
    said = [what for line in healed for what in line.open]
    return [*said, *behind] if healed else ["never healed"]
