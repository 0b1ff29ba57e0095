"""No record of other teams blocks a topic: every codec is read, and an unreadable record or batch becomes a
dead letter, with an alarm, while its partition continues."""

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.consumer import fetcher

from shared.messaging.consumption.record_batches import RecordBatches
from tests.support.counter import expiring
from tests.support.reader import Reader
from tests.support.service_process import until
from tests.support.topic import raw
from tests.support.unreadable import publish_unreadable

_MARK = b"spoil this batch"


@pytest.mark.parametrize("codec", ["lz4", "zstd", "snappy", "gzip"])
async def test_record_of_any_codec_is_handled(reader: Reader, codec: str) -> None:
    key = ["lz4", "zstd", "snappy", "gzip"].index(codec)
    record = raw(expiring(key))
    async with AIOKafkaProducer(bootstrap_servers=reader.settings.kafka, compression_type=codec) as producer:
        await producer.send_and_wait(reader.topic, record.value, key=b"key", headers=record.headers)
    await reader.until_counted(key)
    assert not await reader.dead()


async def test_header_name_that_is_not_utf8_affects_no_other_record_of_its_batch(reader: Reader) -> None:
    await publish_unreadable(
        reader.settings.kafka, reader.topic, *(raw(expiring(key)) for key in (10, 11, 12))
    )
    for key in (10, 11, 12):
        await reader.until_counted(key)
    (dead,) = await _dead_of(reader, b"header name")
    found = dict(dead.headers)
    assert (dead.key, dead.value, found["\\xc3("]) == (b"key", b"{}", b"1")
    await until(lambda: _ready(reader), "the consumer ready")


@pytest.fixture
def damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes the bytes of a batch with the mark, as a bad disk would."""

    class DamagedBatches(RecordBatches):
        def __init__(self, data: bytes) -> None:
            super().__init__(bytes(data).replace(_MARK, _MARK.upper()))

    monkeypatch.setattr(fetcher, "MemoryRecords", DamagedBatches)


async def test_batch_with_a_wrong_checksum_is_a_dead_letter_with_its_bytes_and_an_alarm(
    reader: Reader, damaged: None, caplog: pytest.LogCaptureFixture
) -> None:
    bad = raw(expiring(20)).with_header("x-mark", _MARK)
    offset, _ = await reader.publish(bad, raw(expiring(21)))
    await reader.until_counted(21)
    (dead,) = await _dead_of(reader, b"batch that can't be read")
    found = dict(dead.headers)
    assert found["dead_offset"] == str(offset).encode()
    assert _MARK.upper() in dead.value
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["offset"] for line in lines if line["event"] == "consumer.unreadable"] == [offset]
    assert 'giahan_records_total{result="unreadable"}' in (await reader.client.get("/metrics")).text
    await until(lambda: _ready(reader), "the consumer ready")


async def _dead_of(reader: Reader, reason: bytes) -> list[ConsumerRecord]:
    return [dead for dead in await reader.dead() if reason in dict(dead.headers)["dead_reason"]]


async def _ready(reader: Reader) -> bool:
    checks = (await reader.client.get("/health/ready")).json()
    return all(check["ok"] for check in checks if check["name"] == "consumer")
