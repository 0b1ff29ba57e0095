"""Imports the sample offices into a running stack, and chooses the one that the walk renews."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deploy.local.host.conditions import until
from deploy.local.people.caller import Caller
from deploy.local.samples.offices import offices
from deploy.local.texts import both
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row

# A reminder is sent 3 days and 1 day before the last day, so one is sent after the walk has started.
_SOON = range(2, 5)


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """The result of the import; both are zero if the offices already existed."""

    adopted: int
    refused: int


def import_offices(caller: Caller, today: date) -> ImportCounts:
    """Import the sample offices through the subscription service, unless they exist.

    They are never imported twice: the same list, days later, would reset the expiry of offices that renewed.
    """
    rows = offices(today)
    if read_gate(caller, rows[-1])["known"]:
        return ImportCounts(0, 0)
    applied = import_rows(caller, rows)
    return ImportCounts(applied["adopted"], applied["refused"])


def import_rows(caller: Caller, rows: Iterable[Row]) -> dict[str, Any]:
    """Propose the list and confirm it as ops would. Returns the applied import. Raises StackProblem."""
    proposed = caller.upload("subscription", "/v1/imports", "ops", write_rows(rows), "text/csv")
    path = f"/v1/imports/{proposed['import_id']}"
    caller.post("subscription", f"{path}/confirmation", "ops", {"reason": "sample offices"})

    shown: dict[str, Any] = {}

    def applied() -> dict[str, Any] | None:
        shown.update(caller.get("subscription", path, "ops"))
        return shown if shown["state"] == "applied" else None

    vi, en = both("samples.taken_in")
    return until(applied, vi, en, progress=lambda: dict(shown))


def read_gate(caller: Caller, row: Row) -> dict[str, Any]:
    """The login gate's answer about the office and its product."""
    answer: dict[str, Any] = caller.get("subscription", f"/v1/access/{row.office_ref}/{row.product_code}")
    return answer


def choose_office(caller: Caller, today: date) -> Row:
    """The first sample office that expires in a few days according to the gate; a new office if there is
    none."""
    rows = offices(today)
    for row in rows:
        now = read_gate(caller, row)["products"][0]
        if now["stage"] == "expiring" and now["days_left"] in _SOON:
            return row.model_copy(update={"expires_on": date.fromisoformat(now["expires_on"])})
    return create(caller, new_office(rows[0], "moi", today, days_left=_SOON[-1]))


def new_office(like: Row, name: str, today: date, *, days_left: int) -> Row:
    """An office that is not in the list; a different one on each day."""
    ref = f"{name}-{today:%Y%m%d}"
    changes = {
        "office_ref": ref,
        "contact_email": f"ke.toan@{ref}.example",
        "expires_on": today + timedelta(days=days_left),
        "policy": "r117",
    }
    return like.model_copy(update=changes)


def create(caller: Caller, row: Row) -> Row:
    """Create one office as ops would."""
    body = row.model_dump(mode="json")
    caller.post(
        "subscription", "/v1/subscriptions", "ops", body, key=f"create {row.office_ref} {row.product_code}"
    )
    return row
