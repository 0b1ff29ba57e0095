"""The revisions that prove a signature: each keeps evidence (the document security store), or has a document
time stamp too, and nothing else."""

from io import BytesIO

from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import CatalogModificationRule, SuspiciousModification
from pyhanko.sign.validation.status import SignatureCoverageLevel

from services.signing.pades.fields import Field, read_fields
from services.signing.pades.long_term.revision_rules import PROOF_LEVEL, diff_policy
from services.signing.pades.metadata import check_metadata
from services.signing.pades.rejection import InvalidityReason, Rejected

_MOST = 60
_POLICY = diff_policy(CatalogModificationRule())  # type: ignore[no-untyped-call]
"""It allows new signature fields; `_check_time_stamp` limits them to time stamps."""


def end_without_proof(reader: PdfFileReader, issued: PdfFileReader, field: str) -> int | None:
    """The length in bytes of the file as it was signed in `field`, if the revisions on top of it only prove
    it; None if there are none. Raises Rejected if one of those revisions changes anything else."""
    first, total = issued.xrefs.total_revisions, reader.xrefs.total_revisions
    if total < first + 2 or "/DSS" not in reader.root:
        return None
    if total > first + _MOST:
        raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, f"{total - first} revisions added")
    for revision in range(first + 1, total):
        _check(reader, revision)
    check_metadata(reader, issued)
    ranges = [each.byte_range for each in reader.embedded_signatures if each.field_name == field]
    end: int = max((start + length for _, _, start, length in ranges), default=0)
    reader.stream.seek(0)
    below = PdfFileReader(BytesIO(reader.stream.read(end)))
    if below.xrefs.get_startxref_for_revision(first) != reader.xrefs.get_startxref_for_revision(first):
        raise Rejected(InvalidityReason.FILE_CHANGED, "the signed revision is left out")
    return end


def _check(reader: PdfFileReader, revision: int) -> None:
    old, new = reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
    try:
        result = _POLICY.apply(old, new)
    except SuspiciousModification as error:
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the proof") from error
    added = _added_fields(old, new)
    names = {each.name for each in added}
    if result.modification_level > PROOF_LEVEL or set(result.changed_form_fields) - names:
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the proof")
    for each in added:
        _check_time_stamp(reader, each, revision)


def _added_fields(old: HistoricalResolver, new: HistoricalResolver) -> list[Field]:
    """At most one field. Raises Rejected if a field of before has changed."""
    then, now = read_fields(old), read_fields(new)
    kept = now[: len(then)]
    if [(each.place, each.flags, each.filled) for each in then] != [
        (each.place, each.flags, each.filled) for each in kept
    ]:
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the proof")
    added = now[len(then) :]
    if len(added) > 1:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "several fields in one revision")
    return added


def _check_time_stamp(reader: PdfFileReader, added: Field, revision: int) -> None:
    """Raises Rejected unless the field that `revision` added is a time stamp's, and nobody can see it."""
    found = [each for each in reader.embedded_signatures if each.field_name == added.name]
    is_stamp = len(found) == 1 and found[0].sig_object_type == "/DocTimeStamp"
    if not is_stamp or found[0].signed_revision != revision:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "a field that is no time stamp")
    if found[0].evaluate_signature_coverage() < SignatureCoverageLevel.ENTIRE_REVISION:
        raise Rejected(InvalidityReason.SIGNATURE_COVERAGE, "not the whole revision")
    if any(added.size) or len(added.widgets) != 1 or added.has_actions or added.appearance is not None:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "a time stamp that is more than one")
