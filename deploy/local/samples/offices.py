"""Sample licences: offices with real places and invented people, whose expiry days cover all stages.

`python -m deploy.local.samples.offices --today 2026-11-25 > offices.csv`. The same `today` gives the same
bytes in every run and on every machine; references, names, codes and people do not depend on `today`. Tax
codes start with 99, which no province has; e-mail domains end in .example.
"""

import argparse
import csv
import sys
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from stdnum.vn import mst

from deploy.local.samples import office_names as names
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row

COUNT = 3000
PRODUCT = "qlts"
WALK_DAYS_LEFT = 4

# Share of the offices in percent, and the range of days left until their last day.
_BANDS = (
    (42, 91, 400),
    (33, 0, 90),
    (13, -29, -1),
    (8, -59, -30),
    (4, -300, -60),
)
_PACKAGES = (("basic", 3), ("standard", 10), ("advanced", 30))
_ZONE = "Asia/Ho_Chi_Minh"


class Commune(NamedTuple):
    province_code: str
    province: str
    kind: str
    commune: str

    @property
    def address(self) -> str:
        return f"{self.kind.lower()} {self.commune}, {names.in_sentence(self.province)}"


def offices(today: date, count: int = COUNT) -> list[Row]:
    """`count` offices as the platform would state them on `today`: at least 1, at most one for each commune.

    The first is the office that the walk renews: a primary school in Hà Nội whose last day of use is
    WALK_DAYS_LEFT days ahead, so that the next midnight brings a reminder.
    """
    places = _places()
    first = places[0]
    others = _drawing("places").sample(places[1:], count - 1)
    rows = [_office(number, place, today) for number, place in enumerate([first, *others], 1)]
    walked = rows[0].model_copy(
        update={
            "name": f"Trường Tiểu học {first.commune}",
            "title": "Hiệu trưởng",
            "package": "standard",
            "users": 10,
            "expires_on": today + timedelta(days=WALK_DAYS_LEFT),
        }
    )
    return [walked, *rows[1:]]


def _places() -> list[Commune]:
    file = Path(__file__).with_name("communes.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Commune(line["province_code"], line["province"], line["kind"], commune)
            for line in csv.DictReader(lines)
            for commune in line["names"].split(";")
        ]


def _office(number: int, place: Commune, today: date) -> Row:
    draw = _drawing(f"office {number}")
    name, title = names.institution(draw, place.kind, place.commune, place.province)
    tax_code = _tax_code(number)
    package, users = draw.choices(_PACKAGES, (50, 40, 10))[0]
    ref = f"dv-{number:05}"
    return Row.model_construct(
        office_ref=ref,
        name=name,
        tax_code=None if draw.random() < 0.1 else tax_code,
        budget_code=f"{number * 3119 % 10_000_000:07}",
        address=f"{names.street(draw)}, {place.address}",
        province_code=place.province_code,
        zone=_ZONE,
        representative=names.person(draw),
        title=title,
        contact_name=names.person(draw),
        contact_phone=f"099{draw.randrange(10_000_000):07}",
        contact_email=f"ke.toan@{ref}.example",
        product_code=PRODUCT,
        package=package,
        users=users + draw.choice((0, 0, 0, 2, 5)),
        expires_on=_last_day(draw, today),
        policy="r117",
    )


def _drawing(what: str) -> Random:
    """A random generator for one purpose, the same in every run. It makes no secrets."""
    return Random(what)  # noqa: S311


def _tax_code(number: int) -> str:
    """The `number`-th tax code of a province that does not exist, with its check digit.

    Some numbers have no check digit. Multiplying by 3 leaves room to skip them.
    """
    base = next(
        base for step in range(3) if len(mst.calc_check_digit(base := f"99{number * 3 + step:07}")) == 1
    )
    return base + mst.calc_check_digit(base)


def _last_day(draw: Random, today: date) -> date:
    """A day in one of the bands. If the band contains a 31 December, 60% of the offices get it, like real
    public offices."""
    _, least, most = draw.choices(_BANDS, [share for share, _, _ in _BANDS])[0]
    days, year_ends = _band(today, least, most)
    return draw.choice(year_ends if year_ends and draw.random() < 0.6 else days)


@lru_cache
def _band(today: date, least: int, most: int) -> tuple[list[date], list[date]]:
    """All days of the band, and those of them that are a 31 December."""
    days = [today + timedelta(days=left) for left in range(least, most + 1)]
    return days, [day for day in days if (day.month, day.day) == (12, 31)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Sample licences as CSV, on standard output")
    parser.add_argument("--today", type=date.fromisoformat, required=True, help="the stages' reference date")
    parser.add_argument("--count", type=int, default=COUNT)
    asked = parser.parse_args()
    sys.stdout.buffer.write(write_rows(offices(asked.today, asked.count)))


if __name__ == "__main__":
    main()
