"""Records that no retry can handle: each becomes a dead letter as a whole, and the next one is handled."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from aiokafka import AIOKafkaProducer

from shared.events.subscription import SubscriptionExpiring
from shared.messaging.broker import RECORD_BYTES
from shared.storage.aggregate import Cause
from tests.support.counter import expiring
from tests.support.reader import Reader
from tests.support.topic import Raw, raw

REFUSED_DAYS = 77


def _good(key: int) -> Raw:
    return raw(expiring(key))


POISONS: dict[str, tuple[Callable[[Raw], Raw], str]] = {
    "header_that_is_not_utf8": (lambda r: r.with_header("ce_id", b"\xc3\x28"), "not UTF-8"),
    "null_header": (lambda r: r.with_header("ce_id", None), "ce_id: Field required"),
    "no_headers": (lambda r: replace(r, headers=[]), "ce_type: Field required"),
    "id_that_is_none": (lambda r: r.with_header("ce_id", b"17"), "ce_id: "),
    "sequence_before_the_first": (lambda r: r.with_header("ce_sequence", b"0"), "ce_sequence: "),
    "other_cloudevents": (lambda r: r.with_header("ce_specversion", b"2.0"), "ce_specversion: "),
    "malformed_json": (lambda r: replace(r, value=b'{"subscription_id": '), "Invalid JSON"),
    "json_of_another_shape": (lambda r: replace(r, value=b"[]"), "body: "),
    "field_of_a_wrong_type": (
        lambda r: replace(r, value=(r.value or b"").replace(b'"days_left":30', b'"days_left":"many"')),
        "days_left: ",
    ),
    "binary_body": (lambda r: replace(r, value=bytes(range(256))), "Invalid JSON"),
    "empty_body": (lambda r: replace(r, value=b""), "Invalid JSON"),
    "newer_version_of_an_event_handled_here": (
        lambda r: r.with_header("ce_type", b"vn.giahan.subscription.expiring.v2"),
        "a version of vn.giahan.subscription.expiring that is not known here",
    ),
    "tombstone": (lambda r: replace(r, value=None), "tombstone"),
}


@pytest.mark.parametrize("kind", POISONS)
async def test_poison_is_dead_lettered_whole_and_the_next_record_handled(reader: Reader, kind: str) -> None:
    spoil, reason = POISONS[kind]
    key = list(POISONS).index(kind)
    poison = spoil(raw(expiring(1000 + key)))
    offset, _ = await reader.publish(poison, _good(key))
    await reader.until_counted(key)
    found = dict(await _dead_at(reader, offset))
    assert reason in found["dead_reason"].decode()
    assert {name: found[name] for name, _ in poison.headers} == dict(poison.headers)
    assert found["dead_topic"].decode() == reader.topic
    assert (found["value"], found["key"]) == (poison.value, poison.key)


async def _dead_at(reader: Reader, offset: int) -> list[tuple[str, bytes]]:
    """The headers, value and key of the one dead letter from `offset`."""
    dead = [r for r in await reader.dead() if ("dead_offset", str(offset).encode()) in r.headers]
    assert len(dead) == 1, f"{len(dead)} dead letters of one record"
    return [*dead[0].headers, ("value", dead[0].value), ("key", dead[0].key)]


async def test_handler_that_raises_leaves_no_personal_data_in_the_reason(reader: Reader) -> None:
    async def refuse(event: SubscriptionExpiring, cause: Cause) -> None:
        if event.days_left == REFUSED_DAYS:
            raise ValueError("Nguyễn Thị Hoa, 0912345678")
        await reader.count(event, cause)

    reader.handler = refuse
    offset, _ = await reader.publish(raw(expiring(100, REFUSED_DAYS)), _good(101))
    await reader.until_counted(101)
    found = dict(await _dead_at(reader, offset))
    assert found["dead_reason"].decode().startswith("ValueError in ")
    assert "Hoa" not in found["dead_reason"].decode()
    assert await reader.count_of(100) == 0


async def test_event_of_an_unknown_type_is_ignored(reader: Reader) -> None:
    before = len(await reader.dead())
    unknown = _good(200).with_header("ce_type", b"vn.giahan.subscription.invented.v9")
    await reader.publish(unknown, _good(201))
    await reader.until_counted(201)
    assert await reader.count_of(200) == 0
    assert len(await reader.dead()) == before


async def test_binary_header_of_others_is_ignored(reader: Reader) -> None:
    traced = _good(210).with_header("x-trace", b"\xc3\x28").with_header("x-none", None)
    await reader.publish(traced)
    await reader.until_counted(210)


async def test_same_record_twice_is_counted_once(reader: Reader) -> None:
    record = _good(300)
    await reader.publish(record, record, _good(301))
    await reader.until_counted(301)
    assert await reader.count_of(300) == 1


async def test_largest_record_still_fits_the_dead_letters_with_its_reason(reader: Reader) -> None:
    """Its bytes cannot be compressed."""
    largest = replace(_good(400), value=Random(1).randbytes(RECORD_BYTES - 1400))
    offset, _ = await reader.publish(largest, _good(401))
    await reader.until_counted(401)
    assert dict(await _dead_at(reader, offset))["value"] == largest.value


async def test_record_that_came_compressed_and_is_larger_than_any_topic_allows(reader: Reader) -> None:
    """Only the broker's limit counts, and it applies to compressed bytes: here eight times the limit fits."""
    value = (b"[" + b'"0912345678",' * 1000) * (8 * RECORD_BYTES // 13_001)
    (name, headers) = reader.topic, _good(410).headers
    async with AIOKafkaProducer(
        bootstrap_servers=reader.settings.kafka, compression_type="gzip", max_request_size=10 * RECORD_BYTES
    ) as producer:
        sent = await producer.send_and_wait(name, value, key=b"key", partition=0, headers=headers)
    await reader.publish(_good(411))
    await reader.until_counted(411)
    assert dict(await _dead_at(reader, sent.offset))["value"] == value
