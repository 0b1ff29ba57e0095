"""Reads consumer groups' positions, and rewinds a group to the beginning."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.broker import PARTITIONS
from tests.faults.system.member import Member


def partitions_of(member: Member) -> list[TopicPartition]:
    """Every partition that the member's service reads."""
    return [TopicPartition(topic, n) for topic in member.topics for n in range(PARTITIONS)]


async def positions(bootstrap: str, group: str, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    """The group's committed positions; 0 if it never committed."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        return {place: await consumer.committed(place) or 0 for place in places}
    finally:
        await consumer.stop()


async def rewind(bootstrap: str, group: str, places: list[TopicPartition]) -> None:
    """Put the group back to the beginning. It must have no members."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(places)
        await consumer.commit(dict.fromkeys(places, 0))
    finally:
        await consumer.stop()
