"""Imports as callers of the REST API see them, and the pages of their list."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from services.subscription.imports.report import remarks
from services.subscription.imports.rows import ImportRow
from services.subscription.imports.state import Counts, Import, Phase
from services.subscription.spreadsheet.reader import RowError
from services.subscription.texts import FIELDS
from shared.web.problems import FieldError, invalid

MOST_REMARKS = 200


class ImportSummary(Counts):
    """An import with its rows by outcome, which is the expected one until `state` is `applied`.

    `many`: its held dates need a named person's release.
    """

    import_id: str
    state: Phase
    sha256: str
    rows: int
    many: bool
    proposed_by: str
    proposed_at: AwareDatetime
    confirmed_by: str | None
    confirmed_at: AwareDatetime | None
    reason: str
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, one: Import) -> Self:
        return cls.model_validate(_fields(one))


class ImportView(ImportSummary):
    """`waiting` rows are still to be applied. `errors` and `warnings` have the first 200 each; the report has
    all of them."""

    waiting: int
    errors: list[RowError]
    warnings: list[RowError]

    @classmethod
    def whole(cls, one: Import, waiting: int, refused: list[ImportRow], doubtful: list[ImportRow]) -> Self:
        details = {
            "waiting": waiting,
            "errors": [remark for row in refused for remark in remarks(row)][:MOST_REMARKS],
            "warnings": [remark for row in doubtful for remark in remarks(row)][:MOST_REMARKS],
        }
        return cls.model_validate({**_fields(one), **details})


class ImportPage(BaseModel):
    """The newest first. `next` is None on the last page."""

    items: list[ImportSummary]
    next: str | None


class ImportKey(NamedTuple):
    """Where a page ended."""

    proposed_at: AwareDatetime
    id: str


_KEY = TypeAdapter(ImportKey)


def page(found: list[Import], limit: int) -> ImportPage:
    """A page of the list. `found` has one import more than `limit` if there is another page."""
    listed = found[:limit]
    more = len(found) > limit
    return ImportPage(
        items=[ImportSummary.of(one) for one in listed], next=_cursor(listed[-1]) if more else None
    )


def decode_cursor(cursor: str) -> ImportKey:
    """Raises a 422 problem."""
    try:
        return _KEY.validate_json(urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        error = FieldError(pointer="/query/cursor", rule="cursor", message=FIELDS["cursor"])
        raise invalid([error]) from None


def _cursor(last: Import) -> str:
    return urlsafe_b64encode(_KEY.dump_json(ImportKey(last.proposed_at, str(last.id)))).decode()


def _fields(one: Import) -> dict[str, object]:
    counts = one.counts.model_dump()
    return {
        **counts,
        **one.model_dump(exclude={"id", "phase", "counts"}),
        "import_id": str(one.id),
        "state": one.phase,
        "rows": sum(counts.values()),
    }
