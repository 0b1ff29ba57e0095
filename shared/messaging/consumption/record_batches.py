"""Reads the batches that a broker returns to a fetch, so that no unreadable record blocks its partition.

aiokafka fails at a record that it cannot read: a header name that is not UTF-8, a wrong checksum, an unknown
codec. It drops what the call had taken, stays at its position and fails again for ever. This module still
reads the good records of such a batch, and gives an `UnreadableRecord` in place of each other one.

The library has no extension point for this. Importing this module replaces two of its classes by the two
below, for every consumer of the process.
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
    """One record, or the rest of a batch from `offset` on, with the fields that could be read. If the batch
    could not be parsed, `value` is the whole batch as it came. The next record is at `next_offset` or
    later."""

    reason: str
    next_offset: int


def next_offset(record: ConsumerRecord) -> int:
    """The offset to continue from after `record`."""
    return record.next_offset if isinstance(record, UnreadableRecord) else int(record.offset) + 1


class RecordBatches:
    """Replaces aiokafka's MemoryRecords. `last` holds the bytes of the batch that was returned last."""

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
        """Raises CorruptRecordException; the following batch can still be read after that."""
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
        """The first offset of the next batch; None if the answer ends before it."""
        if len(self._data) - self._at < _OFFSET.size:
            return None
        return int(_OFFSET.unpack_from(self._data, self._at)[0])


class TolerantRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """Replaces aiokafka's PartitionRecords: continues after a record that it cannot read."""

    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        while True:
            try:
                yield from super()._unpack_records()
                return
            except GeneratorExit:
                raise
            except BaseException as error:  # the panic of a codec written in Rust is no Exception
                yield from self._read_anyway(error)

    def _read_anyway(self, error: BaseException) -> Iterator[ConsumerRecord]:
        """The records of the failed batch from `next_fetch_offset` on."""
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
        record = self._consumer_record(self._tp, found)
        if not found.reason:
            return record
        return UnreadableRecord(**vars(record), reason=found.reason, next_offset=following)

    def _end(self, batch: bytes, first: int) -> int:
        """The offset after a batch that could not be parsed: where the next batch begins; otherwise what the
        batch's header says, if its fields agree; otherwise the offset after `first`."""
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
    """A record of a batch. `reason`: why it is unreadable; empty if it is readable."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    reason: str = ""
    timestamp_type: int = 0
    checksum: None = None


def _records(data: bytes, check_crc: bool) -> tuple[list[_ParsedRecord], int]:
    """All records of a batch, and the offset after it. Each record begins with its length, so an unreadable
    one does not affect the others. Raises an error for a batch that cannot be parsed."""
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
    """The record in `data`. One that cannot be parsed is taken to be at the `expected` offset."""
    try:
        delta, at = decode_varint(data, 1)  # after one byte of attributes, which Kafka does not use
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
