"""What was added to a PDF after a signature."""

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from services.signing.domain.report.facts import Changes

_LEVELS: dict[ModificationLevel, Changes] = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "evidence",
    ModificationLevel.FORM_FILLING: "signatures",
}


def changes_after(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus, reader: PdfFileReader, size: int
) -> Changes:
    """`size` is the file's, in bytes. Bytes after the last revision are forbidden too: a reader may show what
    no revision has."""
    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return "none"
    if signature.signed_revision == reader.xrefs.total_revisions - 1 and not _is_to_the_end(signature, size):
        return "forbidden"
    if not status.docmdp_ok:
        return "forbidden"
    return _LEVELS.get(status.modification_level or ModificationLevel.OTHER, "forbidden")


def _is_to_the_end(signature: EmbeddedPdfSignature, size: int) -> bool:
    *_, start, length = signature.byte_range
    return int(start) + int(length) == size
