"""All topics are read again from the beginning: no mail, event or notice is repeated."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.notifier.domain.notice import NoticeStatus
from services.notifier.settings import NotifierSettings
from shared.ids import fresh
from shared.messaging.broker import PARTITIONS
from tests.services.notifier import examples as ex
from tests.services.notifier.postoffice import opened
from tests.services.notifier.world import World, world
from tests.support.service_process import until


def _consumer(of: World) -> AIOKafkaConsumer:
    """A consumer of the notifier's group that does not join it."""
    group = of.service.names.group("notifier")
    bootstrap = of.service.settings.kafka
    return AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)


def _partitions(of: World) -> list[TopicPartition]:
    topics = [of.service.names.topic(name) for name in ("renewal", "signing", "subscription")]
    return [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]


async def _until_all_is_read(of: World) -> int:
    """Wait until all is read. Returns the number of records."""
    async with _consumer(of) as consumer:
        partitions = _partitions(of)
        ends = {p: end for p, end in (await consumer.end_offsets(partitions)).items() if end}

        async def all_read() -> bool:
            return all([await consumer.committed(p) == end for p, end in ends.items()])

        await until(all_read, "every record read")
        return sum(ends.values())


async def _rewind(of: World) -> None:
    async with _consumer(of) as consumer:
        consumer.assign(_partitions(of))
        await consumer.commit(dict.fromkeys(_partitions(of), 0))
        assert {await consumer.committed(p) for p in _partitions(of)} == {0}


async def test_replaying_whole_topics_sends_no_mail_again(kafka: str, mongo_uri: str) -> None:
    """Neither to a contact that was corrected after the registration."""
    async with opened() as post:
        settings = NotifierSettings(
            environment="production",
            kafka=kafka,
            mongo=mongo_uri,
            namespace=f"t{fresh().hex[:12]}",
            log_level="error",
            smtp_port=post.port,
        )
        async with world(settings, post) as first:
            pdf = await first.service.documents.put(b"%PDF-1.7", media_type="application/pdf", name="a.pdf")
            first.clock.move_to(ex.on(30))
            for office in ("a", "b", "c"):
                to = f"{office}@giahanso.example"
                await first.publish(ex.recorded(office_ref=office, email=to), ex.expiring(30, office))
                await post.letters(to, 1)
                await first.publish(ex.registered(ex.on(30), name=office, office_ref=office))
                await first.publish(ex.issued(pdf, ex.on(30), office, office), ex.renewed(ex.on(30), office))
                await post.letters(to, 3)
            await first.publish(ex.recorded(office_ref="c", email="moi@giahanso.example"))
            ids = {envelope.id for envelope, _ in await first.published(9)}
            count = await _until_all_is_read(first)
        assert count >= 16

        await _rewind(first)
        async with world(settings, post) as again:
            again.clock.move_to(ex.on(30))
            assert await _until_all_is_read(again) == count
            stored = await again.notices()
            assert [notice["status"] for notice in stored] == [NoticeStatus.DELIVERED] * 9
            assert len(post.taken) == 9
            assert {envelope.id for envelope, _ in await again.published(9)} == ids
            assert len(await again.published(9)) == 9
            assert await again.service.database["parked"].count_documents({}) == 0
