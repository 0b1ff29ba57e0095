"""The witness sees one subscription's records from its start on, and fetches them again by position."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.demo.witness import Witness
from deploy.local.host.background import BackgroundLoop
from shared import ids
from shared.messaging import broker
from shared.messaging.broker import KafkaNames
from shared.messaging.connection import KafkaConnection
from shared.messaging.envelope import Envelope
from tests.support.topic import Raw
from tests.support.topic import publish as put
from tests.support.unreadable import publish_unreadable

TYPE = "vn.giahan.signing.form_signed.v1"
OURS, OTHERS = ids.subscription_id("dv-1", "qlts"), ids.subscription_id("dv-2", "qlts")


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    with BackgroundLoop() as loop:
        yield loop


async def publish(kafka: str, topic: str, subject: object, sequence: int) -> None:
    aggregate = f"signing/{subject}"
    envelope = Envelope(
        ids.event_id(aggregate, sequence, TYPE), TYPE, "/giahan/signing", str(subject),
        datetime(2026, 11, 25, tzinfo=UTC), aggregate, sequence, ids.fresh(), None, None, b'{"n": 1}',
    )  # fmt: skip
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(
            topic, envelope.body, key=str(subject).encode(), headers=envelope.headers()
        )


def test_it_sees_ours_from_its_beginning_and_finds_it_again(
    kafka: str, namespace: str, loop: BackgroundLoop
) -> None:
    names = KafkaNames(namespace)
    topic = names.topic("signing")
    loop.run(broker.ensure_topics(KafkaConnection(kafka), [topic], [], replication=1), 30)
    loop.run(publish(kafka, topic, OURS, 1), 30)
    witness = Witness(KafkaConnection(kafka), names, ("signing",), OURS, loop)
    witness.start()
    for subject, sequence in ((OTHERS, 1), (OURS, 2)):
        loop.run(publish(kafka, topic, subject, sequence), 30)
    seen = witness.await_event("signing.form_signed", lambda body: body["n"] == 1)
    assert [event.sequence for event in witness.seen] == [2]
    assert witness.read_again(seen) == seen
    witness.close()


def test_it_passes_over_what_others_put_there(kafka: str, namespace: str, loop: BackgroundLoop) -> None:
    names = KafkaNames(namespace)
    topic = names.topic("signing")
    loop.run(broker.ensure_topics(KafkaConnection(kafka), [topic], [], replication=1), 30)
    witness = Witness(KafkaConnection(kafka), names, ("signing",), OURS, loop)
    witness.start()
    foreign = [("ce_subject", str(OURS).encode()), ("ce_sequence", b"\xc3(")]
    loop.run(publish_unreadable(kafka, topic), 30)
    loop.run(put(kafka, topic, Raw(None, []), Raw(b"[", foreign), Raw(b"[]", foreign)), 30)
    loop.run(publish(kafka, topic, OURS, 1), 30)
    assert witness.await_event("signing.form_signed").sequence == 1
    witness.close()
