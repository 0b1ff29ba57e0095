"""The notices of one midnight: the notifier's consumer, which saves them together or one by one, against a
bare loop.

The bare loop reads the same records, makes the same copies by `bulk_write` and inserts the same documents by
an unordered `insert_many`. It checks nothing else: neither headers nor bodies, and no contact is known.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from pymongo import UpdateOne

from services.notifier.domain.contact import Contact, DeclaredContact, contact_id
from services.notifier.domain.notice import Notice
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.notices.handlers import NoticeHandlers
from services.notifier.notices.status_handlers import StatusHandlers
from services.notifier.notices.store import INDEXES, Notices
from shared import ids
from shared.events.base import Stage
from shared.events.subscription import SubscriptionExpiring
from shared.messaging import broker
from shared.messaging.routes import Routes
from shared.runtime import gc_tuning
from shared.runtime.service import Plan, Service
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause, Stored, envelopes
from shared.storage.mongo import Collection, Database, Document
from shared.storage.pooled_change import AnyPooled
from shared.time.calendar import civil_date
from shared.time.clock import SystemClock
from tests.bench import bare
from tests.bench.result import Result, compare
from tests.bench.scale import scale
from tests.bench.servers import alternate, with_own_namespace
from tests.support.counter import Counter
from tests.support.service_process import run_service

ZONE = "Asia/Ho_Chi_Minh"
DOMAIN = "giahanso.example"
ROUNDS = 3
DAYS_LEFT = 30
CHUNK = 1000


async def run(settings: Settings) -> list[Result]:
    gc_tuning.tune()  # as each process of a service does
    settings = with_own_namespace(settings)
    now = SystemClock().now()
    events = [_expiring(key, now) for key in range(12_000 if scale().name == "full" else 3_000)]
    await _publish(settings, events, now)
    together, alone, by_hand = await alternate(
        "notices",
        ROUNDS,
        partial(_ours, settings, events, together=True),
        partial(_ours, settings, events, together=False),
        partial(_bare, settings, events),
    )
    return [
        compare("notices", together, by_hand, at_least=0.5, unit="notices/s"),
        compare("notices_together", together, alone, unit="notices/s", note="baseline: one by one"),
    ]


def _expiring(key: int, now: datetime) -> SubscriptionExpiring:
    today, office = civil_date(now, ZONE), f"office-{key}"
    return SubscriptionExpiring(
        subscription_id=ids.subscription_id(office, "qlts"),
        office_ref=office,
        product_code="qlts",
        effective_on=today,
        occurred_at=now,
        recorded_at=now,
        old_stage=Stage.ACTIVE,
        new_stage=Stage.EXPIRING,
        days_left=DAYS_LEFT,
        expires_on=today + timedelta(days=DAYS_LEFT),
    )


async def _publish(settings: Settings, events: Sequence[SubscriptionExpiring], now: datetime) -> None:
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    await broker.ensure_topics(settings.connection, [topic], [], replication=1)
    records = []
    for event in events:
        stored = Stored(str(event.subscription_id), Counter(), sequence=1)
        [made] = envelopes("subscription", stored, (event,), Cause.command(), now)
        records.append((made.subject.encode(), made.body, made.headers()))
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True) as producer:
        await bare.send(records, producer, topic, CHUNK)


class OneByOne(Routes):
    """Nothing is pooled: each effect is an attempt of its own."""

    def __init__(self, routes: Routes) -> None:
        super().__init__()
        self.__dict__ |= routes.__dict__

    def pooled_change(self, event: object, envelope: object) -> AnyPooled | None:
        return None


async def _ours(settings: Settings, events: Sequence[SubscriptionExpiring], *, together: bool) -> float:
    service = Service(f"notifier{ids.fresh().hex[:8]}", settings)
    routes = _handlers(service).routes()
    await _insert_licences(service.database, events)
    plan = Plan(routes if together else OneByOne(routes), [])
    async with run_service(service, plan, "worker"):
        return await _rate(service.database["notices"], len(events))


def _handlers(service: Service) -> NoticeHandlers:
    return NoticeHandlers(
        service.projection("contacts", Contact),
        service.projection("declared_contacts", DeclaredContact),
        StatusHandlers(service.projection("banners", SubscriptionStatus), service.documents),
        Notices(service.store("notices", Notice, *INDEXES)),
        service.clock,
        SystemClock(),
        DOMAIN,
        timedelta(0),
    )


async def _insert_licences(database: Database, events: Sequence[SubscriptionExpiring]) -> None:
    """Contacts and statuses, as they are after each subscription's SubscriptionRecorded."""
    for first in range(0, len(events), CHUNK):
        contacts, statuses = zip(*map(_licence, events[first : first + CHUNK]), strict=True)
        await database["contacts"].insert_many(contacts)
        await database["banners"].insert_many(statuses)


def _licence(event: SubscriptionExpiring) -> tuple[Document, Document]:
    id, expires_on = str(event.subscription_id), event.expires_on.isoformat()
    seen = {f"subscription/{id}": 1}
    contact = {
        "_id": id, "office_name": "Ủy ban nhân dân xã Tân Thạnh", "contact_name": "Nguyễn Thị Ánh Tuyết",
        "email": f"{event.office_ref}@{DOMAIN}", "product_code": event.product_code, "zone": ZONE,
        "expires_on": expires_on, "seen": seen,
    }  # fmt: skip
    status = {
        "_id": id, "office_ref": event.office_ref, "product_code": event.product_code, "zone": ZONE,
        "stage": Stage.ACTIVE.value, "expires_on": expires_on, "seen": seen,
    }  # fmt: skip
    return contact, status


async def _bare(settings: Settings, events: Sequence[SubscriptionExpiring]) -> float:
    name = f"bare{ids.fresh().hex[:8]}"
    database = bare.database(settings.mongo.get_secret_value(), settings.database(name))
    await database["notices"].create_indexes([*INDEXES])
    await _insert_licences(database, events)
    topic = broker.KafkaNames(settings.namespace).topic("subscription")
    saving = asyncio.create_task(_save(settings.kafka, topic, name, database))
    try:
        return await _rate(database["notices"], len(events))
    finally:
        saving.cancel()
        await asyncio.wait({saving})


async def _save(kafka: str, topic: str, group: str, database: Database) -> None:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    async with consumer:
        while True:
            for records in (await consumer.getmany(timeout_ms=500, max_records=CHUNK)).values():
                made = [_made(record) for record in records]
                await database["banners"].bulk_write([update for update, _ in made], ordered=False)
                await database["notices"].insert_many([notice for _, notice in made], ordered=False)
                await consumer.commit()


def _made(record: ConsumerRecord) -> tuple[UpdateOne, Document]:
    """The update of the status, and the notice's document: the same as ours."""
    headers, event = dict(record.headers), json.loads(record.value)
    subscription, now = event["subscription_id"], SystemClock().now()
    sequence, seen = int(headers["ce_sequence"]), f"seen.{headers['ce_aggregate'].decode()}"
    copy = {
        "office_ref": event["office_ref"], "product_code": event["product_code"],
        "stage": event["new_stage"], "expires_on": event["expires_on"],
        "reminded_on": event["effective_on"], seen: sequence,
    }  # fmt: skip
    newer = {"$or": [{seen: {"$exists": False}}, {seen: {"$lt": sequence}}]}
    contact = str(contact_id(subscription))
    id = str(ids.derived("notice", subscription, event["expires_on"], "expiring", contact))
    matter = {
        "reason": "expiring", "stage": event["new_stage"], "term": event["expires_on"],
        "since": event["effective_on"], "counted_from": event["expires_on"],
    }  # fmt: skip
    notice = {
        "_id": id, "version": 1, "sequence": 0, "outbox": [],
        "handled": [{"id": headers["ce_id"].decode(), "at": now}], "id": id,
        "subscription_id": subscription, "office_ref": event["office_ref"],
        "product_code": event["product_code"], "zone": ZONE, "matter": matter, "channel": "email",
        "contact_id": contact, "message_id": f"<{id}@{DOMAIN}>",
        "correlation_id": headers["ce_correlationid"].decode(), "recorded_at": now, "status": "recorded",
        "due_at": now, "urgency": 5, "held_until": None, "attempts": 0, "attempted_at": None, "failures": 0,
        "unknowns": 0, "smtp_code": None, "waits_for": "turn", "refused_since": None, "refused_at": None,
        "doubted": None,
    }  # fmt: skip
    return UpdateOne({"_id": subscription, **newer}, {"$set": copy}), notice


async def _rate(notices: Collection, total: int) -> float:
    """Notices per second from the last look that finds none to the one that finds all."""
    began = time.perf_counter()
    while (written := await notices.count_documents({})) < total:
        if not written:
            began = time.perf_counter()
        await asyncio.sleep(0.05)
    return total / (time.perf_counter() - began)
