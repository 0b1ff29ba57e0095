"""Simulates the vendor's post room: the day's forms go through the feeder in a batch that is opened and
closed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.local.demo.texts import both
from deploy.local.host.conditions import require, until
from deploy.local.people.caller import Caller

CLERK = "desk"
_BATCHES = "/v1/desk/batches"


@dataclass(frozen=True, slots=True)
class PostRoom:
    caller: Caller

    def receive_form(self, sheets: bytes, came_on: date, key: str, reading: Callable[[], None]) -> None:
        """Receive the one form in `sheets` (a PDF from the feeder), identified by the code on its pages.

        Calls `reading` once the sheets are uploaded. Raises StackProblem if a page or the form is left over.
        """
        post = {"received_on": came_on.isoformat()}
        batch = f"{_BATCHES}/{self.caller.post('renewal', _BATCHES, CLERK, post, key=key)['id']}"
        fed = self.caller.upload("renewal", f"{batch}/feeds", CLERK, sheets, "application/pdf")
        reading()
        read = until(lambda: self._read(batch), *both("check.all_pages_read"))
        require(read["matched"] == fed["pages"], *both("check.code_each_page"))
        self.caller.post("renewal", f"{batch}/closing", CLERK, None)
        done = until(lambda: self._applied(batch), *both("check.batch_applied"))
        require(done["received"] == 1, *both("check.one_form"))

    def _read(self, batch: str) -> dict[str, int] | None:
        """The number of pages by reading result, once all pages are read."""
        tally = self._tally(batch)
        sheets: dict[str, int] = tally["sheets"]
        return None if tally["reading"] else sheets

    def _applied(self, batch: str) -> dict[str, int] | None:
        """The number of forms by status, once each is received or refused."""
        entries: dict[str, int] = self._tally(batch)["entries"]
        return None if entries["entered"] or entries["applying"] else entries

    def _tally(self, batch: str) -> dict[str, Any]:
        tally: dict[str, Any] = self.caller.get("renewal", batch, CLERK)["tally"]
        return tally
