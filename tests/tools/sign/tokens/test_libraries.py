"""Which files count as PKCS#11 libraries of this program."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.people import soft_token
from tools.sign.tokens.file_header import read_bits
from tools.sign.tokens.libraries import OWN_BITS, System, known_paths, reject

OTHER_BITS = 96 - OWN_BITS


def elf(bits: int) -> bytes:
    return b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(57)


def pe(machine: int) -> bytes:
    header = b"MZ" + bytes(0x3A) + struct.pack("<I", 0x80)
    return header.ljust(0x80, b"\0") + b"PE\0\0" + struct.pack("<H", machine) + bytes(20)


@pytest.mark.parametrize(
    ("header", "bits"),
    [
        (elf(32), 32),
        (elf(64), 64),
        (pe(0x014C), 32),
        (pe(0x8664), 64),
        (pe(0xAA64), 64),
        (struct.pack("<I", 0xFEEDFACE), 32),
        (struct.pack("<I", 0xFEEDFACF), 64),
        (struct.pack(">I", 0xCAFEBABE), 0),
        (b"", None),
        (b"#!/bin/sh", None),
        (b"\x7fELF", None),
        (b"MZ", None),
        (pe(0x014C)[:0x82], None),
        (pe(0x9999), None),
    ],
)
def test_the_header_says_for_how_many_bits_a_library_is(header: bytes, bits: int | None) -> None:
    assert read_bits(header) == bits


@given(st.sampled_from([b"", b"MZ", b"\x7fELF"]), st.binary(max_size=300))
def test_no_header_breaks_the_reading(start: bytes, rest: bytes) -> None:
    assert read_bits(start + rest) in (0, 32, 64, None)


def test_each_unusable_file_has_its_reason_in_words(tmp_path: Path) -> None:
    files = {"text.so": b"hello", "other.so": elf(OTHER_BITS), "folder.so": None}
    for name, content in files.items():
        (tmp_path / name).mkdir() if content is None else (tmp_path / name).write_bytes(content)
    rejections = {name: reject(str(tmp_path / name)) for name in (*files, "none.so")}
    reasons = {name: rejection.reason for name, rejection in rejections.items() if rejection}
    assert reasons == {
        "text.so": "unreadable",
        "other.so": "other_bits",
        "folder.so": "unreadable",
        "none.so": "missing",
    }
    other = rejections["other.so"]
    assert other
    assert f"{OTHER_BITS} bit" in other.message.vi
    assert f"{OWN_BITS}-bit" in other.message.en


def test_a_library_of_this_program_may_be_loaded() -> None:
    assert reject(soft_token.library_path()) is None


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("linux", "/usr/lib/libcastle.so.1.0.0"),
        ("linux", "/usr/lib/bit4id/libbit4xpki.so"),
        ("macos", "/usr/local/lib/libeTPkcs11.dylib"),
    ],
)
def test_the_makers_libraries_are_looked_for_in_the_systems_folders(system: System, expected: str) -> None:
    assert expected in known_paths(system)


def test_on_windows_both_system_folders_are_looked_in() -> None:
    paths = known_paths("windows")
    for folder in ("System32", "SysWOW64"):
        assert any(path.endswith(rf"{folder}\viettel-ca_v6.dll") for path in paths)
