"""The files of an invoice: a PDF or an XML, told by their content, kept as they came.

A name or a type that somebody sends along is never trusted. They are handed out for download only.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID
from xml.parsers import expat

from services.renewal.domain.refusal import InvalidField, RenewalError
from shared.events.base import DocumentRef
from shared.storage.documents import Documents, Provenance

LARGEST = 5 * 1024 * 1024
PDF, XML = "application/pdf", "application/xml"
_ENDS = {PDF: "pdf", XML: "xml"}


@dataclass(frozen=True, slots=True)
class InvoiceFiles:
    """If the process dies after a file is stored and before the save that refers to it, the repeat stores
    nothing new."""

    documents: Documents

    async def store(self, renewal_id: UUID, name: str, uploads: tuple[bytes, ...]) -> tuple[DocumentRef, ...]:
        """All are checked before one is stored. Raises RenewalError ("upload-bad")."""
        kinds = [await asyncio.to_thread(media_type, data) for data in uploads]
        of = Provenance("invoice", renewal_id)
        return tuple(
            [
                await self.documents.put(data, media_type=kind, name=f"hoa-don-{name}.{_ENDS[kind]}", of=of)
                for data, kind in zip(uploads, kinds, strict=True)
            ]
        )


def media_type(data: bytes) -> str:
    """PDF or XML. Raises RenewalError for anything else, and for a file that is too large."""
    if len(data) > LARGEST:
        raise _bad("upload_too_large", most=LARGEST >> 20)
    if data.startswith(b"%PDF-"):
        return PDF
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _is_plain_xml(data):
        return XML
    raise _bad("invoice_file_kind")


def _is_plain_xml(data: bytes) -> bool:
    """Whether it is well-formed, and declares no document type: such a declaration can make a reader open
    other files, or grow without end. A page (HTML or SVG) is none, because a browser would run it."""
    parser = expat.ParserCreate()
    roots: list[str] = []

    def refuse(*_: object) -> None:
        raise ValueError

    def begin(name: str, _: object) -> None:
        if not roots:
            roots.append(name.rpartition(":")[2].casefold())

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError):
        return False
    return roots[0] not in ("html", "svg")


def _bad(rule: str, **figures: int) -> RenewalError:
    return RenewalError("upload-bad", InvalidField("/file", rule, figures))
