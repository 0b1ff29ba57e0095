"""The revision that keeps what proves a signature (the document security store), and nothing else."""

from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)

from services.signing.pades.fields import read_fields
from services.signing.pades.metadata import check_metadata
from services.signing.pades.rejection import InvalidityReason, Rejected

_LEVEL = ModificationLevel.LTA_UPDATES
_RULES = (
    DocInfoRule(),
    XrefStreamRule(),
    ObjectStreamRule(),
    DSSCompareRule(),
    MetadataUpdateRule(),  # type: ignore[no-untyped-call]
)
_POLICY = StandardDiffPolicy(
    [CatalogModificationRule(), *(rule.as_qualified(_LEVEL) for rule in _RULES)],  # type: ignore[no-untyped-call]
    FormUpdatingRule([]),
)
"""pyHanko's default without its rules for fields: no field may change."""


def without_security_store(signed: bytes, issued: PdfFileReader) -> bytes:
    """The file as it was signed, if the revision on top of the signature's only keeps what proves it; else
    `signed`. Raises Rejected if that revision changes anything else."""
    reader, first = PdfFileReader(BytesIO(signed)), issued.xrefs.total_revisions
    if reader.xrefs.total_revisions != first + 2 or "/DSS" not in reader.root:
        return signed
    _check(reader, first)
    check_metadata(reader, issued)
    ranges = [each.byte_range for each in reader.embedded_signatures]
    end: int = max((start + length for _, _, start, length in ranges), default=0)
    below = PdfFileReader(BytesIO(signed[:end]))
    if below.xrefs.get_startxref_for_revision(first) != reader.xrefs.get_startxref_for_revision(first):
        raise Rejected(InvalidityReason.FILE_CHANGED, "the signed revision is left out")
    return signed[:end]


def _check(reader: PdfFileReader, first: int) -> None:
    old, new = reader.get_historical_resolver(first), reader.get_historical_resolver(first + 1)
    try:
        result = _POLICY.apply(old, new)
    except SuspiciousModification as error:
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the security store") from error
    then, now = ([(each.place, each.flags, each.filled) for each in read_fields(pdf)] for pdf in (old, new))
    if result.modification_level > _LEVEL or then != now:
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the security store")
