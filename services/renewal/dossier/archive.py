"""A ZIP that is sent while it is written. The same files in the same order give the same bytes.

Files are stored without compression: documents are compressed already, and what a compressor writes depends
on its release.
"""

import io
import zipfile
from typing import IO, cast

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can tell
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16


class _Outlet:
    """What was written and not taken yet. The ZIP's writer may go back only within that.

    It is no `io` class: those close themselves when they are dropped, before the ZIP that still writes to it.
    """

    def __init__(self) -> None:
        self._taken = 0
        self._waiting = io.BytesIO()

    def tell(self) -> int:
        return self._taken + self._waiting.tell()

    def seek(self, place: int) -> int:
        if place < self._taken:
            raise io.UnsupportedOperation("this part is sent already")
        return self._taken + self._waiting.seek(place - self._taken)

    def write(self, data: bytes) -> int:
        return self._waiting.write(data)

    def flush(self) -> None:
        """Nothing is behind it."""

    def take(self) -> bytes:
        data = self._waiting.getvalue()
        self._taken += len(data)
        self._waiting = io.BytesIO()
        return data


class ArchiveWriter:
    """Each method returns the next bytes of the ZIP. At most one file is in memory."""

    def __init__(self) -> None:
        self._outlet = _Outlet()
        self._zip = zipfile.ZipFile(cast("IO[bytes]", self._outlet), "w", zipfile.ZIP_STORED)

    def add(self, path: str, data: bytes) -> bytes:
        entry = zipfile.ZipInfo(path, _EPOCH)
        entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
        self._zip.writestr(entry, data)
        return self._outlet.take()

    def end(self) -> bytes:
        self._zip.close()
        return self._outlet.take()
