"""Reads from the header of a library for how many bits it is made."""

import struct

HEADER_BYTES = 4096
_PE_BITS = {0x014C: 32, 0x01C4: 32, 0x8664: 64, 0xAA64: 64}
_MACH_BITS = {0xFEEDFACE: 32, 0xFEEDFACF: 64}
_MACH_SEVERAL = {0xCAFEBABE, 0xCAFEBABF}


def read_bits(header: bytes) -> int | None:
    """32 or 64; 0 if the file holds several kinds (macOS); None if it is no library.

    `header` is the start of an ELF (Linux), PE (Windows) or Mach-O (macOS) file.
    """
    if header.startswith(b"\x7fELF"):
        return {1: 32, 2: 64}.get(header[4]) if len(header) > 4 else None
    if header.startswith(b"MZ"):
        return _read_pe_bits(header)
    if len(header) < 4:
        return None
    if struct.unpack(">I", header[:4])[0] in _MACH_SEVERAL:
        return 0
    return _MACH_BITS.get(struct.unpack("<I", header[:4])[0])


def _read_pe_bits(header: bytes) -> int | None:
    if len(header) < 0x40:
        return None
    start = struct.unpack_from("<I", header, 0x3C)[0]
    if header[start : start + 4] != b"PE\0\0" or len(header) < start + 6:
        return None
    return _PE_BITS.get(struct.unpack_from("<H", header, start + 4)[0])
