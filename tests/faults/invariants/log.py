"""The log holds everything that was committed, and nothing else."""

from tests.faults.history import Committed, Lines, Produced, Record, of


def committed_is_in_the_log(lines: Lines) -> list[str]:
    """Committed means: saved with an aggregate, or produced by the driver with an answer. A record that the
    driver produced without an answer may be in the log or not."""
    seen = {(record.topic, record.id) for record in of(Record, lines)}
    saved = {(save.topic, told.id) for save in of(Committed, lines) for told in save.events}
    produced = of(Produced, lines)
    confirmed = {(line.topic, line.id) for line in produced if line.outcome == "ok"}
    possible = saved | {(line.topic, line.id) for line in produced}
    return [
        *(f"not in the log: {topic} {id}" for topic, id in sorted((saved | confirmed) - seen, key=str)),
        *(f"nobody committed it: {topic} {id}" for topic, id in sorted(seen - possible, key=str)),
    ]
