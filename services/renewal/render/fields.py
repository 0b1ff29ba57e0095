"""Empty signature fields, placed where the page left room for them, before anybody signs."""

from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, ensure_sig_flags

Box = tuple[int, int, int, int]


class _RepeatableWriter(IncrementalPdfFileWriter):
    """Takes the file's id from its content and leaves its metadata alone.

    pyHanko draws a random id and stamps the present time; the same document must give the same bytes.
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

    The append-only flag is set as well: without it honest signed files fail our own verification.
    """
    writer = _RepeatableWriter(BytesIO(pdf))
    for name, (page, box) in fields.items():
        append_signature_field(writer, SigFieldSpec(name, on_page=page, box=box))
    ensure_sig_flags(writer)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
