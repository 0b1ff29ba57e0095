"""What the intake's pages share: the batch's page, and the errors of what was typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.domain.paper.entry import Entry, EntryStatus
from services.renewal.pages.site import Site
from services.renewal.pages.typed import InvalidInput
from services.renewal.pages.urls import PATH
from services.renewal.paper.intake import Intake
from shared.text.days import read_day
from shared.web.pages.session import Visitor

Said = Literal["", "fresh", "again", "undone", "fed", "closed"]
RECENT = 15
_ENVELOPES = 99_999
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class IntakeDesk:
    site: Site
    intake: Intake

    def routes(self) -> APIRouter:
        prefix = f"{PATH}/desk/intake"
        return APIRouter(prefix=prefix, route_class=self.site.route_class(), include_in_schema=False)

    def page(
        self, request: Request, template: str, visitor: Visitor, values: Mapping[str, object], wrong: str = ""
    ) -> Response:
        status = 422 if wrong else 200
        context = {"tab": "intake", "wrong": wrong, "zone": self.intake.zone, **values}
        return self.site.page(request, template, visitor, context, status=status)

    async def batch(
        self,
        request: Request,
        visitor: Visitor,
        batch_id: UUID,
        *,
        entry: Entry | None = None,
        said: Said = "",
        typed: Mapping[str, str] | None = None,
        wrong: str = "",
    ) -> Response:
        """`entry`: the entry that the message `said` is about. `wrong`: the error of the code, or of the
        file."""
        intake = self.intake
        lines = await intake.lines(batch_id, RECENT)
        values = {
            "batch": await intake.batches.batch(batch_id),
            "tally": await intake.tally(batch_id),
            "feeds": await intake.batches.files(batch_id),
            "lines": lines,
            "undoable": next((line.entry for line in lines if line.entry.at is EntryStatus.ENTERED), None),
            "last": await intake.line(entry) if entry else None,
            "said": said,
            "typed": {"code": "", "envelope": "", "postmarked_on": "", **(typed or {})},
        }
        return self.page(request, "paper/batch.html", visitor, values, wrong)


def a_day(typed: str) -> date:
    """Raises InvalidInput where it is no day."""
    if found := read_day(typed):
        return found
    raise InvalidInput("intake.not_a_day")


def day_if_any(typed: str) -> date | None:
    """None for an empty text. Raises InvalidInput where it is no day."""
    return a_day(typed) if typed else None


def envelope_if_any(typed: str) -> int | None:
    """The envelope's number; None for an empty text. Raises InvalidInput for anything else."""
    if not typed:
        return None
    if not (_NUMBER.fullmatch(typed) and 0 < int(typed) <= _ENVELOPES):
        raise InvalidInput("intake.not_a_number")
    return int(typed)
