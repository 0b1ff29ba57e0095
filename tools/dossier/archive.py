"""Reads the ZIP of a dossier, which anybody may have made. Nothing is unpacked to disk.

Our dossiers store their files plainly, one after another. So everything else is refused: compression (and
with it bombs), encryption, links, odd or repeated names, and bytes that no entry covers. Two readers must
find the same files: so comments are refused, and a second (zip64) end, which some readers prefer.
"""

import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, NamedTuple

MANIFEST, INDEX = "manifest.json", "index.pdf"
LARGEST_RECORD = 64 * 1024 * 1024
"""The most bytes of a file that is read as a whole."""
_LARGEST = 4 * 1024**3 - 1
_MOST_ENTRIES, _LARGEST_DIRECTORY = 5000, 2 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_DIRECTORY_ENTRY = 46
"""The bytes of an entry in the directory, besides its name."""
_ZIP64_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_CHUNK = 1024 * 1024
_NAME = re.compile(
    r"(documents|records|audit)/[a-z0-9-]{1,80}\.[a-z]{2,4}|manifest\.json|index\.pdf", re.ASCII
)


class BadArchive(Exception):
    """The file is no dossier that can be checked. `reason` names the text, `values` are its values."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values


class DossierArchive:
    """The files of the ZIP, by their paths."""

    def __init__(self, opened: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> None:
        self._zip, self._entries = opened, entries

    @property
    def paths(self) -> frozenset[str]:
        return frozenset(self._entries)

    def size(self, path: str) -> int:
        return self._entries[path].file_size

    def digest(self, path: str) -> str | None:
        """The SHA-256 of the file; None where it can't be read as a whole."""
        total = sha256()
        try:
            with self._zip.open(self._entries[path]) as file:
                while chunk := file.read(_CHUNK):
                    total.update(chunk)
        except (zipfile.BadZipFile, EOFError, OSError):
            return None
        return total.hexdigest()

    def read(self, path: str) -> bytes | None:
        """None where the file is too large, or can't be read as a whole."""
        if self.size(path) > LARGEST_RECORD:
            return None
        try:
            return self._zip.read(self._entries[path])
        except (zipfile.BadZipFile, EOFError, OSError):
            return None


@contextmanager
def read_archive(file: IO[bytes]) -> Iterator[DossierArchive]:
    """Raises BadArchive."""
    directory = _read_end(file)
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError):
        raise BadArchive("no_zip") from None
    with opened:
        entries = _entries(opened, file)
        if _Directory.of(opened) != directory:
            raise BadArchive("hidden", where="…")
        yield DossierArchive(opened, entries)


class _Directory(NamedTuple):
    """Where the directory begins, its bytes, and how many entries it has."""

    start: int
    length: int
    entries: int

    @classmethod
    def of(cls, opened: zipfile.ZipFile) -> "_Directory":
        """The directory that was read."""
        found = opened.infolist()
        length = sum(_DIRECTORY_ENTRY + len(entry.filename.encode()) for entry in found)
        return cls(opened.start_dir, length, len(found))


def _read_end(file: IO[bytes]) -> _Directory:
    """The end of the ZIP says where its directory is. It is looked at before the directory is read."""
    size = file.seek(0, 2)
    if size > _LARGEST:
        raise BadArchive("too_large")
    if size < _END.size:
        raise BadArchive("no_zip")
    file.seek(-_END.size, 2)
    mark, disk, first, here, entries, length, start, comment = _END.unpack(file.read(_END.size))
    if mark != b"PK\x05\x06" or disk or first or comment or here != entries:
        raise BadArchive("no_zip")
    if entries > _MOST_ENTRIES or length > _LARGEST_DIRECTORY:
        raise BadArchive("too_many")
    if start + length + _END.size != size:
        raise BadArchive("no_zip")
    file.seek(max(size - _END.size - _LOCATOR_SIZE, 0))
    if file.read(len(_ZIP64_LOCATOR)) == _ZIP64_LOCATOR:
        raise BadArchive("hidden", where="…")
    return _Directory(start, length, entries)


def _entries(opened: zipfile.ZipFile, file: IO[bytes]) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    place = 0
    for entry in opened.infolist():
        name = entry.filename
        if entry.orig_filename != name or not _NAME.fullmatch(name):
            raise BadArchive("bad_name", where=ascii(entry.orig_filename[:200]))
        if name in found:
            raise BadArchive("twice", where=name)
        if not _is_plain(entry):
            raise BadArchive("special", where=name)
        if entry.header_offset != place:
            raise BadArchive("hidden", where=name)
        place += _length(file, entry)
        found[name] = entry
    if place != opened.start_dir:
        raise BadArchive("hidden", where="…")
    return found


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    mode = entry.external_attr >> 16
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.compress_size == entry.file_size
    more = entry.flag_bits or entry.extra or entry.comment
    return stored and stat.S_ISREG(mode) and not more


def _length(file: IO[bytes], entry: zipfile.ZipInfo) -> int:
    """The bytes from the entry's local header to the end of its content."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) != _LOCAL.size:
        raise BadArchive("no_zip")
    mark, _, flags, method, _, _, crc, stored, size, name, extra = _LOCAL.unpack(header)
    told = (flags, method, crc, stored, size, extra)
    if mark != b"PK\x03\x04" or told != (
        entry.flag_bits, entry.compress_type, entry.CRC, entry.compress_size, entry.file_size, 0,
    ):  # fmt: skip
        raise BadArchive("special", where=entry.filename)
    if file.read(name) != entry.filename.encode():
        raise BadArchive("special", where=entry.filename)
    return _LOCAL.size + int(name) + entry.file_size
