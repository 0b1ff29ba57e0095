"""Follows an uploaded PDF revision by revision: each may add one signature or time stamp, nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification

from services.signing.pades.fields import Field, read_fields
from services.signing.pades.metadata import check_metadata
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.uploaded.policy import UPLOAD_POLICY

_MOST_REVISIONS = 20


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field that `revision` filled. `added`: the signing program put it there, it was not issued."""

    field: Field
    revision: int
    added: bool


def read_filled_fields(reader: PdfFileReader, issued: PdfFileReader) -> list[FilledField]:
    """The fields that were filled since the issued revision, in the order of signing. Raises Rejected."""
    first, total = issued.xrefs.total_revisions, reader.xrefs.total_revisions
    if total - first > _MOST_REVISIONS:
        raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, f"{total - first} revisions added")
    return [filled for revision in range(first, total) for filled in _read(reader, issued, revision)]


def _read(reader: PdfFileReader, issued: PdfFileReader, revision: int) -> Iterator[FilledField]:
    old, new = reader.get_historical_resolver(revision - 1), reader.get_historical_resolver(revision)
    changed = _changed_fields(old, new)
    check_metadata(new, issued)
    then, now = _by_name(old), _by_name(new)
    for name, field in then.items():
        if name not in now or now[name].place != field.place:
            raise Rejected(InvalidityReason.FIELDS_CHANGED, "fields removed or moved")
        now[name].check_flags(field)
    filled = [one for one in now.values() if one.filled and not (one.name in then and then[one.name].filled)]
    if len(filled) > 1:
        raise Rejected(InvalidityReason.SIGNATURE_COUNT, "several fields filled in one revision")
    names = {one.name for one in filled}
    if (now.keys() - then.keys() | changed) - names:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "fields changed beside the signed one")
    for field in filled:
        field.check_appearance()
        if field.name not in then:
            _check_added(field)
        yield FilledField(field, revision, added=field.name not in then)


def _changed_fields(old: HistoricalResolver, new: HistoricalResolver) -> set[str]:
    try:
        result = UPLOAD_POLICY.apply(old, new)
    except SuspiciousModification as error:
        raise Rejected(InvalidityReason.FILE_CHANGED, "changes beside the signature") from error
    if result.modification_level > ModificationLevel.FORM_FILLING:
        raise Rejected(InvalidityReason.FILE_CHANGED, result.modification_level.name)
    return set(result.changed_form_fields)


def _by_name(pdf: HistoricalResolver) -> dict[str, Field]:
    fields = read_fields(pdf)
    found = {field.name: field for field in fields}
    if len(found) != len(fields):
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "one name twice")
    return found


def _check_added(field: Field) -> None:
    if field.kind != "/Sig" or len(field.widgets) > 1 or "." in field.name or field.has_actions:
        raise Rejected(InvalidityReason.FIELDS_CHANGED, "a field that is more than a signature")
    if field.is_hidden:
        raise Rejected(InvalidityReason.FIELD_HIDDEN)
