"""Limits the size of decompressed batches. A few bytes of zstd can unpack to gigabytes, and the client
library would unpack them on the event loop, into the memory of the process."""

import mmap
import struct
import zlib

import cramjam

LIMIT = 64 * 1024 * 1024
"""In bytes: 64 times the size of a compressed batch that an event topic accepts."""

_ATTRIBUTES, _ATTRIBUTES_AT, _RECORDS_AT = struct.Struct(">h"), 21, 61
_XERIAL, _XERIAL_HEAD = b"\x82SNAPPY\x00", 16
_SIZE = struct.Struct(">i")


class TooLarge(Exception):
    """The batch would grow beyond LIMIT, or its compression is broken."""


def check_size(batch: bytes | memoryview) -> None:
    """Raises TooLarge, or the codec's error, for a batch (of version 2) that must not be unpacked."""
    if len(batch) < _RECORDS_AT:
        return
    codec = _ATTRIBUTES.unpack_from(batch, _ATTRIBUTES_AT)[0] & 0x07
    records = bytes(batch[_RECORDS_AT:]) if codec else b""
    match codec:
        case 1:
            _check_gzip(records)
        case 2:
            _check_snappy(records)
        case 3:
            cramjam.lz4.decompress_into(records, _room())
        case 4:
            cramjam.zstd.decompress_into(records, _room())


def _room() -> mmap.mmap:
    """A buffer of LIMIT bytes, of which the system allocates only the pages that are written. The codec fails
    if the data does not fit."""
    return mmap.mmap(-1, LIMIT)


def _check_gzip(records: bytes) -> None:
    """Unpacks one gzip member after the other, as the client library does."""
    unpacked, size = zlib.decompressobj(wbits=31), 0
    while records:
        size += len(unpacked.decompress(records, 1024 * 1024))
        if size > LIMIT:
            raise TooLarge
        if unpacked.eof:
            records, unpacked = unpacked.unused_data, zlib.decompressobj(wbits=31)
        else:
            records = unpacked.unconsumed_tail


def _check_snappy(records: bytes) -> None:
    if not records.startswith(_XERIAL):
        if cramjam.snappy.decompress_raw_len(records) > LIMIT:
            raise TooLarge
        return
    at, size = _XERIAL_HEAD, 0
    while at < len(records):
        block = _SIZE.unpack_from(records, at)[0]
        if block < 0:
            raise TooLarge
        at += _SIZE.size + block
        size += cramjam.snappy.decompress_raw_len(records[at - block : at])
        if size > LIMIT:
            raise TooLarge
