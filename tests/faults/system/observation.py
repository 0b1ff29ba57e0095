"""Adds to the history what databases and topics hold once everything is at rest."""

from collections.abc import AsyncIterator, Iterable

from aiokafka import ConsumerRecord

from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.envelope import BadRecord, Envelope
from shared.storage.mongo import Database
from tests.faults import history
from tests.faults.line import Line
from tests.faults.money_lines import MONEY, known_money, stored_money, told_events, told_money
from tests.faults.system.expected import expected_assignments
from tests.faults.system.groups import partitions_of, positions
from tests.faults.system.journal import JOURNAL
from tests.faults.system.member import Member
from tests.faults.system.world import SimulatedService, World
from tests.support.topic import records

AGGREGATES = {
    "subscription": ("subscriptions",),
    "renewal": ("renewals", "receivables", "bank_lines"),
    "signing": ("books", "contracts"),
    "notifier": ("notices",),
}
"""By service, the collections whose aggregates keep a journal."""


async def observe(world: World, members: Iterable[Member]) -> None:
    """Record the final state. `members`: one for each service that took part."""
    members = list(members)
    topics = {topic for member in members for topic in member.topics}
    topics |= {member.service.names.topic(member.service.name) for member in members}
    found = {topic: await records(world.settings.kafka, topic) for topic in sorted(topics)}
    for topic, lying in found.items():
        world.recorder.record(*(_record(topic, record) for record in lying))
    world.recorder.record(*told_money(told_events(record for lying in found.values() for record in lying)))
    for member in members:
        world.recorder.record(*[line async for line in _of_service(member, found)])
        world.recorder.record(*[line async for line in _money(member.service)])


async def _of_service(member: Member, found: dict[str, list[ConsumerRecord]]) -> AsyncIterator[Line]:
    service = member.service
    database = service.database
    async for line in _committed(service.name, service.names.topic(service.name), database):
        yield line
    async for parked in database["parked"].find({}, {"_id": 1}):
        yield history.StoredParked(service=service.name, id=parked["_id"])
    if not member.topics:
        return
    for topic in member.topics:
        yield history.Handles(service=service.name, topic=topic, types=member.routes.types)
        for due in expected_assignments(service.name, found[topic], member.routes.types):
            yield due
    for record in await records(service.settings.kafka, service.names.dead(service.name)):
        letter = DeadLetter.read(record)
        yield history.StoredDeadLetter(
            service=service.name, topic=letter.topic, partition=letter.partition, offset=letter.offset
        )
    async for position in _positions(member, found):
        yield position


async def _committed(service: str, topic: str, database: Database) -> AsyncIterator[Line]:
    for collection in AGGREGATES[service]:
        async for document in database[collection].find():
            for save in document[JOURNAL]:
                yield history.Committed(topic=topic, document=f"{collection}/{document['_id']}", **save)
            for given in _given(collection, document):
                yield given


async def _money(service: SimulatedService) -> AsyncIterator[Line]:
    today = service.world.truth.now().date()
    async for document in service.database["subscriptions"].find():
        for line in known_money(document, today):
            yield line
    for collection in MONEY:
        async for document in service.database[collection].find():
            for line in stored_money(collection, document):
                yield line


def _given(collection: str, document: dict[str, object]) -> list[Line]:
    """The assignments in a document as the database has it."""
    match collection, document:
        case "books", {"numbers": dict(numbers), "_id": str(book)}:
            return [
                history.Assignment(what="number", key=key, value=f"{book}/{number}")
                for key, drawn in numbers.items()
                for number in drawn
            ]
        case "contracts", {"seals": list(seals), "_id": str(key)}:
            return [history.Assignment(what="seal", key=key, value=seal) for seal in seals]
        case "subscriptions", {"renewals": list(applied), "_id": str(id)}:
            return [history.Assignment(what="term", key=key, value=f"{id}/{key}") for key in applied]
        case "notices", {"message_id": str(key), "status": str(status), "unknowns": int(unknowns)}:
            return [history.Notice(key=key, status=status, unknowns=unknowns)]
    return []


def _record(topic: str, record: ConsumerRecord) -> Line:
    place = {"topic": topic, "partition": record.partition, "offset": record.offset}
    try:
        envelope = Envelope.parse(record.headers, record.value)
    except BadRecord:
        return history.Record(**place)
    return history.Record(
        **place,
        id=str(envelope.id),
        aggregate=envelope.aggregate,
        sequence=envelope.sequence,
        type=envelope.type,
    )


async def _positions(member: Member, found: dict[str, list[ConsumerRecord]]) -> AsyncIterator[Line]:
    service = member.service
    group = service.names.group(service.name)
    committed = await positions(service.settings.kafka, group, partitions_of(member))
    for place, offset in committed.items():
        behind = sum(r.partition == place.partition and r.offset >= offset for r in found[place.topic])
        where = {"topic": place.topic, "partition": place.partition, "offset": offset}
        yield history.Offset(service=service.name, **where, outcome="ok")
        yield history.Position(service=service.name, **where, behind=behind)
