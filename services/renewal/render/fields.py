"""Adds empty signature fields, before anybody signs, in the places that the page's layout has for them."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, ensure_sig_flags

Box = tuple[int, int, int, int]


class _RepeatableWriter(IncrementalPdfFileWriter):
    """Derives the file's id from its content, and doesn't change its metadata.

    pyHanko itself would use a random id and the current time, but the same document must give the same bytes.
    """

    @classmethod
    def _handle_id(cls, prev: Any) -> generic.ArrayObject:
        first, _ = prev.trailer["/ID"]
        prev.stream.seek(0)
        second = generic.ByteStringObject(sha256(prev.stream.read()).digest()[:16])
        return generic.ArrayObject([first, second])

    def _update_meta(self) -> None:
        pass


def with_fields(pdf: bytes, fields: Mapping[str, tuple[int, Box]]) -> bytes:
    """`pdf` with an empty field for each name, on its page (from 0) in its box (points, from below).

    It also sets the append-only flag: without it, our own verification rejects correctly signed files.
    """
    writer = _RepeatableWriter(BytesIO(pdf))
    for name, (page, box) in fields.items():
        append_signature_field(writer, SigFieldSpec(name, on_page=page, box=box))
    ensure_sig_flags(writer)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
