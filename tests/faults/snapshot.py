"""A snapshot of everything that is visible from outside once a world is at rest."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord

from shared.events import CATALOGUE
from shared.events.base import Event
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.envelope import BadRecord, Envelope
from tests.faults.processes import SERVICES
from tests.faults.world import World
from tests.support.topic import records

_WITHIN_S = 60


class OfficeView(NamedTuple):
    """An office that was imported on the day `since`; `gate` is what the login gate says."""

    ref: str
    since: date
    expires_on: date
    gate: str


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event in the log. `at`: when it was produced, in milliseconds of real time."""

    aggregate: str
    sequence: int
    id: str
    at: int
    event: Event


@dataclass(frozen=True, slots=True)
class WorldSnapshot:
    """`told`: events in the order of the log, with duplicates. `kept`: how many events each aggregate
    recorded. `notices` and the mail server's `letters` by Message-ID. `dead`: the number of dead records."""

    today: date
    began: dict[date, int]
    offices: list[OfficeView]
    told: list[LoggedEvent]
    kept: dict[str, int]
    notices: dict[str, dict[str, Any]]
    letters: Counter[str]
    dead: int
    expected_dead: int

    @property
    def first_sights(self) -> list[LoggedEvent]:
        first: dict[str, LoggedEvent] = {}
        for told in self.told:
            first.setdefault(told.id, told)
        return list(first.values())


def take_snapshot(world: World) -> WorldSnapshot:
    """Read everything again."""
    return WorldSnapshot(
        today=world.clock.today(),
        began=dict(world.began),
        offices=[
            OfficeView(row.office_ref, since, row.expires_on, world.desk.gate(row))
            for since, rows in world.rows.items()
            for row in rows
        ],
        told=[told for service in SERVICES for told in _events(_log(world, world.names.topic(service)))],
        kept=_recorded(world),
        notices={n["message_id"]: n for n in world.database("notifier")["notices"].find()},
        letters=Counter(letter.message_id for letter in world.mail.mailbox.letters()),
        dead=len({DeadLetter.read(r).position for s in SERVICES for r in _log(world, world.names.dead(s))}),
        expected_dead=world.expected_dead,
    )


def _log(world: World, topic: str) -> list[ConsumerRecord]:
    return world.cluster.loop.run(records(world.settings.kafka, topic), _WITHIN_S)


def _events(found: Iterable[ConsumerRecord]) -> Iterable[LoggedEvent]:
    for record in found:
        try:
            envelope = Envelope.parse(record.headers, record.value)
            event = CATALOGUE[envelope.type].model_validate_json(envelope.body)
        except (BadRecord, ValueError):
            continue  # a fault put it there; the dead letters are counted
        yield LoggedEvent(envelope.aggregate, envelope.sequence, str(envelope.id), record.timestamp, event)


def _recorded(world: World) -> dict[str, int]:
    collections = {"subscription": "subscriptions", "notifier": "notices"}
    return {
        f"{service}/{document['_id']}": document["sequence"]
        for service, name in collections.items()
        for document in world.database(service)[name].find({}, {"sequence": 1})
    }
