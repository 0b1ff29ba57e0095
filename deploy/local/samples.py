"""The sample offices in a running stack: taken in once, and one of them chosen to be walked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.local.caller import Caller
from deploy.local.offices import offices
from deploy.local.problem import Problem
from services.subscription.row import Row
from services.subscription.spreadsheet import write_rows

# A reminder is sent 3 days and 1 day before the end, so that one comes after the walk has begun.
_SOON = range(2, 5)


@dataclass(frozen=True, slots=True)
class Taken:
    """How the import went; both zero when the offices were there already."""

    adopted: int
    refused: int


def take_in(caller: Caller, today: date) -> Taken:
    """Import the sample offices through the subscription service, unless they are there.

    Never twice: the same list, days later, would set back the expiry of whoever renewed.
    """
    rows = offices(today)
    if gate(caller, rows[-1])["known"]:
        return Taken(0, 0)
    report = caller.upload("subscription", "/v1/imports", "ops", write_rows(rows), "text/csv")
    return Taken(report["adopted"], len(report["errors"]))


def gate(caller: Caller, row: Row) -> dict[str, Any]:
    """What the login gate says of the office and product."""
    answer: dict[str, Any] = caller.get("subscription", f"/v1/access/{row.office_ref}/{row.product_code}")
    return answer


def to_walk(caller: Caller, today: date) -> Row:
    """The first sample office that expires in a few days, as the gate has it. Raises Problem."""
    for row in offices(today):
        now = gate(caller, row)["products"][0]
        if now["stage"] == "expiring" and now["days_left"] in _SOON:
            return row.model_copy(update={"expires_on": date.fromisoformat(now["expires_on"])})
    raise Problem(
        "không còn đơn vị mẫu nào sắp hết hạn; `make down` rồi xóa thư mục .run để bắt đầu lại",
        "no sample office is about to expire any more; `make down` and remove .run to start afresh",
    )
