"""A valid row of a list of subscriptions, and files of such rows."""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.subscription.spreadsheet.reader import RowError, RowReader
from services.subscription.spreadsheet.row import COLUMNS, Row, RowKey

KNOWN = {"r117"}
SOUND = {
    "office_ref": "ngoc-ha",
    "name": "Trường Tiểu học Ngọc Hà",
    "tax_code": "0101243150-001",
    "budget_code": "0047665",
    "address": "Số 5, Phường Ngọc Hà, Thành phố Hà Nội",
    "province_code": "01",
    "zone": "Asia/Ho_Chi_Minh",
    "representative": "Nguyễn Thị Mẫu",
    "title": "Hiệu trưởng",
    "contact_name": "Trần Văn Thử",
    "contact_phone": "0912345678",
    "contact_email": "ke.toan@ngocha.example",
    "product_code": "qlts",
    "package": "standard",
    "users": "10",
    "expires_on": "2026-12-31",
    "policy": "r117",
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A whole file: the valid rows by their number, their warnings, and the errors and keys of the others."""

    rows: Mapping[int, Row]
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()
    keys: Mapping[int, RowKey] = field(default_factory=dict)


def read_rows(data: bytes, policies: Collection[str]) -> Parsed:
    """Raises Unreadable."""
    found = list(RowReader.open(data, policies))
    return Parsed(
        {read.number: read.row for read in found if read.row},
        tuple(error for read in found if not read.row for error in read.remarks),
        tuple(warning for read in found if read.row for warning in read.remarks),
        {read.number: read.key for read in found if not read.row},
    )


def file(*rows: dict[str, str], delimiter: str = ",", columns: tuple[str, ...] = COLUMNS) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def sound(**cells: str) -> Row:
    (row,) = read_rows(file({**SOUND, **cells}), KNOWN).rows.values()
    return row
