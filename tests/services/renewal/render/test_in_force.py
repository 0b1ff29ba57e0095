"""The choice of the template: the line's own before the general one, and the newest that is in force."""

from datetime import date
from pathlib import Path

import pytest

from services.renewal.render.in_force import in_force


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    for name in (
        "general/form/2025-07-01.html",
        "general/form/2026-07-01.html",
        "giaoduc/form/2026-03-01.html",
        "giaoduc/contract/2026-03-01.html",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "day", "taken"),
    [
        ("hcsn", date(2025, 7, 1), "general/form/2025-07-01.html"),
        ("hcsn", date(2026, 6, 30), "general/form/2025-07-01.html"),
        ("hcsn", date(2026, 7, 1), "general/form/2026-07-01.html"),
        ("giaoduc", date(2026, 2, 28), "general/form/2025-07-01.html"),
        ("giaoduc", date(2026, 3, 1), "giaoduc/form/2026-03-01.html"),
        ("giaoduc", date(2026, 7, 1), "giaoduc/form/2026-03-01.html"),
    ],
)
def test_by_line_and_day(templates: Path, line: str, day: date, taken: str) -> None:
    assert in_force(templates, line, "form", day) == taken


def test_none_in_force(templates: Path) -> None:
    with pytest.raises(LookupError, match="no template for a form is in force on 2025-06-30"):
        in_force(templates, "hcsn", "form", date(2025, 6, 30))
    with pytest.raises(LookupError):
        in_force(templates, "hcsn", "contract", date(2026, 7, 1))
