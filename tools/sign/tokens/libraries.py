"""Where PKCS#11 libraries may be on this computer, from libraries.toml."""

import os
import struct
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter

from tools.sign.texts import Wording, words
from tools.sign.tokens.file_header import HEADER_BYTES, read_bits

System = Literal["linux", "windows", "macos"]
OWN_BITS = struct.calcsize("P") * 8
Reason = Literal["missing", "unreadable", "other_bits", "unloadable"]


class _Library(BaseModel):
    model_config = ConfigDict(extra="forbid")

    maker: str
    certain: bool
    linux: list[str] = []
    windows: list[str] = []
    macos: list[str] = []


class _LibraryFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    folders: dict[System, list[str]]
    library: list[_Library]


class Rejection(NamedTuple):
    """A path with no library that this program can use."""

    path: str
    reason: Reason
    bits: int = 0

    @property
    def message(self) -> Wording:
        return words("module", self.reason, bits=self.bits, own=OWN_BITS)


def own_system() -> System:
    if sys.platform == "win32":
        return "windows"
    return "macos" if sys.platform == "darwin" else "linux"


def known_paths(system: System) -> list[str]:
    """Every path where a known library may be, the makers in the file's order."""
    text = Path(__file__).with_name("libraries.toml").read_text(encoding="utf-8")
    file = TypeAdapter(_LibraryFile).validate_python(tomllib.loads(text))
    folders = file.folders[system]
    names = [name for library in file.library for name in getattr(library, system)]
    return [path for name in names for path in _paths(system, folders, name)]


def _paths(system: System, folders: list[str], name: str) -> Iterator[str]:
    """The name in each folder, or alone if it has a folder of its own."""
    if name.startswith(("/", "%")):
        yield os.path.expandvars(name)
        return
    join = PureWindowsPath if system == "windows" else PurePosixPath
    for folder in folders:
        yield str(join(os.path.expandvars(folder), name))


def reject(path: str) -> Rejection | None:
    """Why the file cannot be loaded, by its header alone; None if it may be tried."""
    try:
        with open(path, "rb") as file:
            bits = read_bits(file.read(HEADER_BYTES))
    except FileNotFoundError:
        return Rejection(path, "missing")
    except OSError:
        return Rejection(path, "unreadable")
    if bits is None:
        return Rejection(path, "unreadable")
    return Rejection(path, "other_bits", bits) if bits not in (0, OWN_BITS) else None
