"""The report of an import: one line for each row of its file, valid or not."""

from collections.abc import AsyncIterator, Iterator

from services.subscription.domain.timeline.texts import sentence
from services.subscription.imports.rows import ImportRow
from services.subscription.spreadsheet.reader import RowError, row_error
from shared.text.csv_lines import BOM, csv_line

HEADER = ("row", "office_ref", "product_code", "outcome", "field", "rule", "message_vi", "message_en")


async def lines(parts: AsyncIterator[list[ImportRow]]) -> AsyncIterator[bytes]:
    """The report as CSV. Until the import is applied, a row's outcome is the expected one."""
    yield BOM + csv_line(HEADER)
    async for rows in parts:
        yield b"".join(csv_line(_cells(row)) for row in rows)


def remarks(row: ImportRow) -> Iterator[RowError]:
    """All remarks about the row, with their texts."""
    verdict = row.expected
    for remark in (*row.remarks, *((verdict.refusal,) if verdict.refusal else ())):
        yield row_error(row.number, remark.field, remark.rule, remark.figures)
    if verdict.hold:
        message = sentence("held", why=verdict.hold)
        yield RowError(
            row=row.number, field="expires_on", rule=verdict.hold, message=(message.vi, message.en)
        )


def _cells(row: ImportRow) -> tuple[str, ...]:
    found = list(remarks(row))
    return (
        str(row.number),
        row.office_ref,
        row.product_code,
        row.outcome or row.expected.outcome,
        "; ".join(remark.field for remark in found),
        "; ".join(remark.rule for remark in found),
        "; ".join(remark.message[0] for remark in found),
        "; ".join(remark.message[1] for remark in found),
    )
