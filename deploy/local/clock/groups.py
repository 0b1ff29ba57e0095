"""Asks the broker for the topics that a consumer group's members subscribe to."""

from aiokafka.client import AIOKafkaClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from aiokafka.protocol.admin import DescribeGroupsRequest_v0
from aiokafka.protocol.api import Request


class _DescribeGroups(Request[DescribeGroupsRequest_v0]):  # type: ignore[misc]
    """Always version 0. aiokafka's own request uses version 3 but parses the answer with version 2's schema,
    and fails."""

    API_KEY = 15

    def __init__(self, groups: list[str]) -> None:
        self._groups = groups

    def build(self, request_struct_class: type[DescribeGroupsRequest_v0]) -> DescribeGroupsRequest_v0:
        return request_struct_class(self._groups)


async def subscriptions(client: AIOKafkaClient, coordinator: int, group: str) -> set[str]:
    """The topics of the group's members; empty if it has no members or is rebalancing."""
    response = await client.send(coordinator, _DescribeGroups([group]))
    return {
        topic
        for described in response.to_object()["groups"]
        for member in described["members"]
        if member["member_metadata"]
        for topic in ConsumerProtocolMemberMetadata.decode(member["member_metadata"]).subscription
    }
