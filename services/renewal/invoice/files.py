"""The files of an invoice: a PDF or an XML, told by their content, kept as they came.

A name or a type that somebody sends along is never trusted. They are handed out for download only.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID
from xml.parsers import expat

from services.renewal.domain.refusal import InvalidField, RenewalError
from shared.events.base import DocumentRef
from shared.storage.documents import Documents, Provenance

LARGEST = 5 * 1024 * 1024
PDF, XML = "application/pdf", "application/xml"
_ENDS = {PDF: "pdf", XML: "xml"}
_PAGES = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg")
"""The namespaces of what a browser runs."""


@dataclass(frozen=True, slots=True)
class InvoiceUpload:
    """A file that was checked, and how the invoice will refer to it once it is stored."""

    data: bytes
    ref: DocumentRef


@dataclass(frozen=True, slots=True)
class InvoiceFiles:
    """If the process dies after a file is stored and before the save that refers to it, the repeat stores
    nothing new."""

    documents: Documents

    async def store(self, renewal_id: UUID, uploads: Sequence[InvoiceUpload]) -> None:
        of = Provenance("invoice", renewal_id)
        for each in uploads:
            await self.documents.put(each.data, media_type=each.ref.media_type, name=each.ref.name, of=of)


async def read_uploads(name: str, uploads: Sequence[bytes]) -> tuple[InvoiceUpload, ...]:
    """The files of the invoice `name`. Raises RenewalError ("upload-bad")."""
    return tuple([await asyncio.to_thread(_read, name, data) for data in uploads])


def _read(name: str, data: bytes) -> InvoiceUpload:
    kind = media_type(data)
    named = f"hoa-don-{name}.{_ENDS[kind]}"
    digest = sha256(data).hexdigest()
    return InvoiceUpload(data, DocumentRef(sha256=digest, size=len(data), media_type=kind, name=named))


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
    other files, or grow without end. Nor may it be a page (HTML or SVG), contain a part of one, or name a
    style sheet: a browser that opens it would run what is in there."""
    parser = expat.ParserCreate(namespace_separator=" ")
    roots: list[str] = []

    def refuse(*_: object) -> None:
        raise ValueError

    def begin_namespace(_: object, uri: str | None) -> None:
        if uri in _PAGES:
            raise ValueError

    def instruct(target: str, _: str) -> None:
        if target == "xml-stylesheet":
            raise ValueError

    def begin(name: str, _: object) -> None:
        if not roots:
            roots.append(name.rpartition(" ")[2].casefold())

    parser.StartDoctypeDeclHandler = refuse
    parser.StartNamespaceDeclHandler = begin_namespace
    parser.ProcessingInstructionHandler = instruct
    parser.StartElementHandler = begin
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError):
        return False
    return roots[0] not in ("html", "svg")


def _bad(rule: str, **figures: int) -> RenewalError:
    return RenewalError("upload-bad", InvalidField("/file", rule, figures))
