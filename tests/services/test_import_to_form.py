"""The office's prefilled form accepts and prints whatever an import accepts."""

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.registration.catalogue import Catalogue
from services.renewal.domain.registration.draft import begin
from services.renewal.domain.registration.form_fields import declaration
from services.renewal.domain.registration.registration import Registrant, Registration, declare
from services.subscription.spreadsheet.row import Row
from shared.events.base import SendBy, Stage
from shared.ids import derived
from tests.services.subscription.sample_rows import KNOWN, SOUND

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
MARKS = "\u200b\u202a\u202c\u00ad\ufeff\u2011\u2212\u2013\u00a0\u2009●•№’\u00d0\u0301\uff0d'-. \t"
typed = st.text(st.sampled_from("AaĐđếỹ09,;" + MARKS), max_size=30)


def _digits(*lengths: int) -> st.SearchStrategy[str]:
    """Digits with any separators between them."""
    numbers = st.sampled_from(lengths).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))
    return st.builds(
        lambda number, at, mark: f"{number[:at]}{mark}{number[at:]}",
        numbers,
        st.integers(0, 13),
        st.sampled_from(["", *MARKS]),
    )


emails = st.builds(
    lambda name, mark: f"{name}{mark}@truong.example",
    st.text("abc.-_+09", min_size=1, max_size=95),
    st.sampled_from(["", *MARKS]),
)
CELLS: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(("name", "address", "representative", "title", "contact_name"), typed | st.text()),
    "tax_code": _digits(9, 10, 12, 13) | st.just(""),
    "budget_code": _digits(6, 7) | st.just(""),
    "province_code": _digits(2),
    "contact_phone": _digits(8, 9, 10, 11, 12)
    | st.sampled_from(["19006134", "1800 1166", "+84 912 345 678"]),
    "contact_email": emails,
    "users": st.integers(1, 1_000_000).map(str),
    "expires_on": st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(date.isoformat),
    "package": st.sampled_from(["standard", "Gói cũ", "x"]),
}


@given(st.data())
def test_what_an_import_accepts_the_prefilled_form_accepts_and_prints(data: st.DataObject) -> None:
    changed = data.draw(st.sets(st.sampled_from(sorted(CELLS)), max_size=3))
    cells = SOUND | {column: data.draw(CELLS[column], column) for column in sorted(changed)}
    if row := _imported(cells):
        _registered_and_printed(row)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("contact_phone", "19006134"),
        ("tax_code", "0101243150-000"),
        ("contact_email", f"{'a' * 60}@truong.example"),
        ("representative", "Nguyễn " * 20 + "Mẫu"),
        ("name", "Trường A\u2011B \u2212 C"),
        ("name", "Tổ ● Xã"),
        ("name", "Tổ\u200b Xã\u202a"),
        ("tax_code", "0101243150–001"),
        ("contact_phone", "0912\u2011345\u2011678"),
        ("users", "1000000"),
        ("expires_on", "2003-01-01"),
    ],
)
def test_an_import_and_the_form_hold_a_cell_to_the_same_rule(column: str, cell: str) -> None:
    row = _imported(SOUND | {column: cell})
    try:
        declared = declaration(_prefilled(_imported(SOUND)) | _typed(column, cell))
    except Exception:
        assert row is None
        return
    assert row is not None
    assert declared
    _registered_and_printed(row)


def _typed(column: str, cell: str) -> dict[str, str]:
    return {f"office.{column}": cell} if column not in ("users", "expires_on") else {}


def _imported(cells: dict[str, str]) -> Row | None:
    try:
        return Row.model_validate(cells, context={"policies": KNOWN})
    except ValidationError:
        return None


def _licence(row: Row) -> LicenceCopy:
    known = row.licence("r117").model_dump(exclude={"policy"})
    return LicenceCopy(
        subscription_id=row.subscription_id,
        office_ref=row.office_ref,
        product_code=row.product_code,
        stage=Stage.LOCKED,
        **known,
    )


def _prefilled(row: Row | None) -> dict[str, str]:
    assert row is not None
    state = begin(_licence(row), _catalogue().product("qlts", NOW.date()), "renewer", NOW).state
    return {**state.fields, "payment.committed": "yes"}


def _registered_and_printed(row: Row) -> None:
    product = _catalogue().product("qlts", NOW.date())
    by = Registrant(sub="renewer", on_behalf=False, send_by=SendBy.PAPER)
    if row.expires_on < date(2022, 1, 1):  # the import warns: the longest term on sale would not reach today
        return
    licence = _licence(row)
    made = declare(
        derived("renewal", row.office_ref), declaration(_prefilled(row)), licence, product, by, NOW
    )
    assert set(map(ord, _printed(made))) <= _letters()


def _printed(made: Registration) -> str:
    """All text on the printed form of the imported licence."""
    texts: list[Any] = [made.place, *made.office.model_dump().values()]
    return "".join(text for text in texts if text)


@cache
def _catalogue() -> Catalogue:
    path = ROOT / "services/renewal/catalogue.json"
    return Catalogue.model_validate(json.loads(path.read_text(encoding="utf-8")))


@cache
def _letters() -> set[int]:
    fonts = sorted((ROOT / "services/renewal/render/fonts").glob("*.ttf"))
    faces: list[set[int]] = [set(TTFont(path).getBestCmap()) for path in fonts]
    return set.intersection(*faces)
