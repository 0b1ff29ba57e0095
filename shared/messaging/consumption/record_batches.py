"""Reads what a broker answers to a fetch, so that no record can hold up its partition.

aiokafka fails at a record that it can't read: a header name that isn't UTF-8, a wrong checksum, a codec that
it doesn't know. It drops what the call had taken, stays where it is and fails for ever. Here the good records
of such a batch are read all the same, and each other one is an `UnreadableRecord` in its place.

The library has no point of extension for this. Importing this module puts the two classes below into the
place of its own, for every consumer of the process.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.legacy_records import LegacyRecordBatch
from aiokafka.record.util import decode_varint

from shared.messaging.consumption.decompression import check_size

_OFFSET, _LENGTH, _MAGIC = struct.Struct(">q"), struct.Struct(">i"), 16
_OVERHEAD, _HEAD = 12, 61
_SMALLEST = 26
"""Bytes of the smallest batch that any version of Kafka writes."""


@dataclass
class UnreadableRecord(ConsumerRecord):  # type: ignore[misc]
    """One record, or all of a batch from `offset` on, with what can be known of it. `value` is the batch as
    it came where nothing inside can be told apart. The next record is at `next_offset` or behind it."""

    reason: str
    next_offset: int


def next_offset(record: ConsumerRecord) -> int:
    """Where to go on when `record` is settled."""
    return record.next_offset if isinstance(record, UnreadableRecord) else int(record.offset) + 1


class RecordBatches:
    """In place of aiokafka's MemoryRecords: it also keeps the bytes of the batch given out last."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0
        self.last = self._data[:0]

    def size_in_bytes(self) -> int:
        return len(self._data)

    def has_next(self) -> bool:
        rest = len(self._data) - self._at
        return rest >= _OVERHEAD and rest >= self._size()

    def _size(self) -> int:
        return _OVERHEAD + int(_LENGTH.unpack_from(self._data, self._at + _OFFSET.size)[0])

    def next_batch(self) -> Any:
        """Raises CorruptRecordException; the batch behind it can be asked for all the same."""
        size = self._size()
        if size < _SMALLEST:
            self.last, self._at = self._data[:0], len(self._data)
            raise CorruptRecordException("a batch without an end")
        self.last = self._data[self._at : self._at + size]
        self._at += size
        magic = self.last[_MAGIC]
        if magic < 2:
            return LegacyRecordBatch(self.last, magic)
        check_size(self.last)
        return DefaultRecordBatch(self.last)

    @property
    def following(self) -> int | None:
        """The first offset of the batch that comes next, where the answer holds so much of it."""
        if len(self._data) - self._at < _OFFSET.size:
            return None
        return int(_OFFSET.unpack_from(self._data, self._at)[0])


class TolerantRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """In place of aiokafka's: goes on behind what that can't read."""

    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        while True:
            try:
                yield from super()._unpack_records()
                return
            except GeneratorExit:
                raise
            except BaseException as error:  # a codec written in Rust panics beside Exception
                yield from self._read_anyway(error)

    def _read_anyway(self, error: BaseException) -> Iterator[ConsumerRecord]:
        """What the failed batch holds from `next_fetch_offset` on."""
        batch, first = bytes(self._records.last), self.next_fetch_offset
        try:
            found, end = _records(batch, self._check_crcs)
        except BaseException:
            end = self._end(batch, first)
            yield self._emit(_ParsedRecord(first, -1, None, batch or None, (), _kind(error)), end)
            return
        for one in found:
            if one.offset >= self.next_fetch_offset:
                yield self._emit(one, one.offset + 1)
        self.next_fetch_offset = max(end, first + 1)

    def _emit(self, found: "_ParsedRecord", following: int) -> ConsumerRecord:
        self.next_fetch_offset = following
        told = self._consumer_record(self._tp, found)
        if not found.reason:
            return told
        return UnreadableRecord(**vars(told), reason=found.reason, next_offset=following)

    def _end(self, batch: bytes, first: int) -> int:
        """Where a batch of which nothing can be trusted ends: where the next begins, or else where its head
        says if that agrees with itself, or else behind this offset."""
        following: int | None = self._records.following
        if following is not None:
            return max(following, first + 1)
        if len(batch) < _HEAD:
            return first + 1
        head = _DefaultRecordBatchPy(batch)
        whole = head.last_offset_delta + 1 == head._num_records
        end: int = head.next_offset if whole else 0
        return max(end, first + 1)


@dataclass(slots=True)
class _ParsedRecord:
    """A record of a batch; `reason`: why it can't be given out as one."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    reason: str = ""
    timestamp_type: int = 0
    checksum: None = None


def _records(data: bytes, check_crc: bool) -> tuple[list[_ParsedRecord], int]:
    """All records of a batch, and the offset behind it. Each says how long it is, so that one which can't be
    read spoils no other. Raises for a batch that can't be taken apart."""
    batch = _DefaultRecordBatchPy(data)
    if batch.magic != 2 or (check_crc and not batch.validate_crc()):
        raise CorruptRecordException
    check_size(data)
    iter(batch)  # uncompresses it
    buffer, at, found = batch._buffer, batch._pos, list[_ParsedRecord]()
    for _ in range(batch._num_records):
        length, at = decode_varint(buffer, at)
        if length < 0 or at + length > len(buffer):
            raise CorruptRecordException
        expected = found[-1].offset + 1 if found else batch.base_offset
        found.append(_record(batch, bytes(buffer[at : at + length]), expected))
        at += length
    return found, batch.next_offset


def _record(batch: Any, data: bytes, expected: int) -> _ParsedRecord:
    """The record in `data`; where that can't be told it is taken to be at the `expected` offset."""
    try:
        delta, at = decode_varint(data, 1)  # behind a byte of attributes, all unused
        offset, at = decode_varint(data, at)
        key, at = _bytes(data, at)
        value, at = _bytes(data, at)
        count, at = decode_varint(data, at)
        headers, readable = [], count >= 0
        for _ in range(count):
            name, at = _bytes(data, at)
            held, at = _bytes(data, at)
            readable = readable and name is not None and _is_text(name)
            headers.append(((name or b"").decode(errors="backslashreplace"), held))
        if at != len(data):
            raise CorruptRecordException
    except Exception:
        return _ParsedRecord(
            expected, batch.max_timestamp, None, data, (), "a record that can't be taken apart"
        )
    timestamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + delta
    reason = "" if readable else "a header name that is not UTF-8"
    return _ParsedRecord(batch.base_offset + offset, timestamp, key, value, tuple(headers), reason)


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = decode_varint(data, at)
    if length < 0:
        return None, at
    if at + length > len(data):
        raise CorruptRecordException
    return data[at : at + length], at + length


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _kind(error: BaseException) -> str:
    return f"a batch that can't be read ({type(error).__name__})"


fetcher.MemoryRecords = RecordBatches
fetcher.PartitionRecords = TolerantRecords
