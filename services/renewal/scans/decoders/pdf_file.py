"""Finds the PDF in an upload, and removes what mail gateways and old scanners put around it."""

import mmap
import os
import re
from pathlib import Path

from services.renewal.scans.bad_upload import BadUpload

BEGIN, _END = b"%PDF-", b"%%EOF"
_BEGINS_WITHIN = 64 * 1024  # bytes
# Each is at the beginning of a line: in the middle of a line they are words of a gateway's notice.
_MORE = re.compile(rb"(?:%%EOF|[\r\n])\s*(?:\d+\s+\d+\s+obj\b|xref\s*(?:\d|\Z))")
_FIRST_PART = re.compile(rb"startxref\s+0+\s*$")


def begins(file: Path) -> int | None:
    """Where the PDF begins; None where there is none. If it doesn't begin in the first 1024 bytes, it must
    also have an end mark: otherwise each file that mentions a PDF would be a damaged one."""
    with file.open("rb") as opened:
        head = opened.read(_BEGINS_WITHIN)
        at = head.find(BEGIN)
        if at < 0:
            return None
        return at if at < 1024 or _END in head[at:] + opened.read() else None


def trim(file: Path) -> None:
    """Cuts off what is before the PDF and after its end mark. Raises BadUpload for a PDF without its end: the
    library would repair it, and pages could get lost.

    The end marks of earlier revisions, and of the first part of a file made for the web, don't count: more of
    the PDF follows them, or should.
    """
    start = begins(file) or 0
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        mark = content.rfind(_END)
        if mark < 0 or _MORE.search(content, mark) or _FIRST_PART.search(content[max(0, mark - 64) : mark]):
            raise BadUpload("upload_damaged")
        end = mark + len(_END)
        whole = content[start:end] if start else None
    if whole is None:
        os.truncate(file, end)
        return
    trimmed = file.with_name(f"{file.name}.trimmed")
    trimmed.write_bytes(whole)
    trimmed.replace(file)
