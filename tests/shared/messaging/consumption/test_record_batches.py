"""Whatever a partition holds, every readable record is returned, and nothing blocks the rest."""

import struct
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.consumption import decompression
from shared.messaging.consumption.record_batches import (
    RecordBatches,
    TolerantRecords,
    UnreadableRecord,
    next_offset,
)

PLACE = TopicPartition("platform.events", 3)
_CRC, _CHECKED_FROM, _ATTRIBUTES = 17, 21, 21


class _Name(str):
    """A header name that is written as bytes that are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"\xc3\x28"


def batch(base: int, *values: bytes, codec: int = 0, names: dict[int, str] | None = None) -> bytes:
    """A batch as a broker stores it, with one record for each value, from the offset `base` on."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 1 << 30)
    for number, value in enumerate(values):
        headers = [((names or {}).get(number, "ce_id"), b"1")]
        builder.append(number, timestamp=1000, key=b"k", value=value, headers=headers)
    return struct.pack(">q", base) + bytes(builder.build())[8:]


def with_checksum(data: bytes) -> bytes:
    """The batch with the right checksum."""
    return data[:_CRC] + struct.pack(">I", calc_crc32c(data[_CHECKED_FROM:])) + data[_CHECKED_FROM:]


def damage(data: bytes, at: int = -1) -> bytes:
    damaged = bytearray(data)
    damaged[at] ^= 0xFF
    return bytes(damaged)


def read(data: bytes, position: int = 0) -> list[ConsumerRecord]:
    return list(TolerantRecords(PLACE, RecordBatches(data), [], position, None, None, True, 1))


def summaries(records: list[ConsumerRecord]) -> list[tuple[int, bytes | None, bool]]:
    return [(record.offset, record.value, isinstance(record, UnreadableRecord)) for record in records]


@pytest.mark.parametrize("codec", range(5), ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_is_read(codec: int) -> None:
    data = batch(0, b"a" * 500, b"b", codec=codec)
    assert summaries(read(data)) == [(0, b"a" * 500, False), (1, b"b", False)]


@pytest.mark.parametrize("codec", range(5), ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_header_name_that_is_not_utf8_makes_only_its_record_unreadable(codec: int) -> None:
    data = batch(0, b"a", b"b", b"c", codec=codec, names={1: _Name("x")})
    records = read(data + batch(3, b"d"))
    assert summaries(records) == [(0, b"a", False), (1, b"b", True), (2, b"c", False), (3, b"d", False)]
    bad = records[1]
    assert (bad.key, list(bad.headers)) == (b"k", [("\\xc3(", b"1")])
    assert "header name" in bad.reason


def test_batch_with_a_wrong_checksum_is_one_unreadable_record_with_its_bytes() -> None:
    bad = damage(batch(2, b"c", b"d", b"e"))
    records = read(batch(0, b"a", b"b") + bad + batch(5, b"f"))
    assert summaries(records) == [(0, b"a", False), (1, b"b", False), (2, bad, True), (5, b"f", False)]
    assert next_offset(records[2]) == 5


@pytest.mark.parametrize("count", [1, 3])
def test_unreadable_batch_at_the_end_of_the_log_ends_where_its_header_says(count: int) -> None:
    (bad,) = read(damage(batch(7, *[b"x"] * count)), position=7)
    assert (bad.offset, next_offset(bad)) == (7, 7 + count)


def test_unknown_codec_makes_an_unreadable_batch() -> None:
    data = batch(0, b"a")
    unknown = with_checksum(data[:_ATTRIBUTES] + struct.pack(">h", 6) + data[_ATTRIBUTES + 2 :])
    assert summaries(read(unknown + batch(1, b"b"))) == [(0, unknown, True), (1, b"b", False)]


@pytest.mark.parametrize("codec", range(1, 5), ids=["gzip", "snappy", "lz4", "zstd"])
def test_batch_that_would_fill_the_memory_is_not_unpacked(
    codec: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decompression, "LIMIT", 100_000)
    bomb = batch(0, b"\0" * 200_000, codec=codec)
    assert summaries(read(bomb + batch(1, b"b", codec=codec))) == [(0, bomb, True), (1, b"b", False)]


def test_handled_records_of_a_batch_are_not_returned_again() -> None:
    data = batch(0, b"a", b"b", b"c", names={2: _Name("x")})
    assert [record.offset for record in read(data, position=1)] == [1, 2]


@given(st.integers(0, 10_000), st.integers(1, 255), st.integers(0, 4))
def test_batches_around_a_damaged_one_are_read(at: int, by: int, codec: int) -> None:
    """The offset and length at the head of the batch stay right: the broker itself uses them."""
    middle = bytearray(batch(3, b"d" * 30, b"e", codec=codec))
    middle[12 + at % (len(middle) - 12)] ^= by
    records = read(batch(0, b"a", b"b", b"c") + bytes(middle) + batch(5, b"f"))
    good = [record.value for record in records if not isinstance(record, UnreadableRecord)]
    assert good[:3] == [b"a", b"b", b"c"]
    assert good[-1] == b"f"
    offsets = [record.offset for record in records]
    assert offsets == sorted(set(offsets))
    assert {3, 5} <= set(offsets)
    assert next_offset(records[-1]) == 6


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise_or_stop_progress(rest: bytes) -> None:
    records = read(batch(0, b"a") + rest)
    assert summaries(records)[:1] == [(0, b"a", False)]
    offsets = [0, *(next_offset(record) for record in records)]
    assert all(one < other for one, other in pairwise(offsets))
