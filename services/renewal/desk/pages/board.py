"""What the desk's pages share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.desk.bulk import Bulk
from services.renewal.desk.case import CaseReader
from services.renewal.desk.export import QueueExport
from services.renewal.desk.items.waiting_dossiers import WaitingDossiers
from services.renewal.desk.office_search import OfficeSearch
from services.renewal.desk.queue import Queue
from services.renewal.desk.search import RegistrationSearch
from services.renewal.desk.service import Desk
from services.renewal.desk.unsealed import describe_unsealed
from services.renewal.domain.desk.verdict import DECIDABLE, Verdict
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.stores.void_proposals import VoidProposals
from services.renewal.texts import RETURN_REASONS, STEPS
from shared.text.i18n import Text
from shared.time.calendar import civil_date
from shared.web.pages.guard import FormSubmission, not_found
from shared.web.pages.session import Visitor
from shared.web.pages.words import PageWords

_EMPTY = {"empty": "desk.reason_empty", "not_a_choice": "desk.returned_empty"}


class InvalidDecision(Exception):
    """The form is no valid decision; `text` says why in the visitor's language."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Board:
    """The services that the desk's pages call, the prefix of their addresses, and how a page is rendered."""

    site: Site
    desk: Desk
    queue: Queue
    cases: CaseReader
    bulk: Bulk
    search: RegistrationSearch
    offices: OfficeSearch
    export: QueueExport
    dossiers: WaitingDossiers
    void_proposals: VoidProposals

    def routes(self) -> APIRouter:
        prefix = f"{PATH}/desk"
        return APIRouter(prefix=prefix, route_class=self.site.route_class(), include_in_schema=False)

    def page(
        self, request: Request, template: str, visitor: Visitor, values: Mapping[str, object], wrong: str = ""
    ) -> Response:
        values = {
            "wrong": wrong,
            "zone": self.queue.zone,
            "days": self._days,
            "steps": STEPS,
            "return_reasons": RETURN_REASONS,
            "describe_unsealed": describe_unsealed,
            "tab": "queue",
            **values,
        }
        return self.site.page(request, template, visitor, values, status=422 if wrong else 200)

    def _days(self, since: datetime) -> int:
        zone = self.queue.zone
        return (civil_date(self.queue.clock.now(), zone) - civil_date(since, zone)).days


def verdict_of(submission: FormSubmission, words: PageWords) -> Verdict:
    """Raises InvalidDecision, and a 404 problem for a step that none of our pages offers."""
    step = submission.get("step")
    if step not in DECIDABLE:
        raise not_found()
    typed = {name: submission.get(name).strip() or None for name in ("reason", "returned")}
    try:
        return Verdict.model_validate({"step": step, **typed})
    except ValidationError as error:
        raise InvalidDecision(_error_text(error, words)) from None


def _error_text(error: ValidationError, words: PageWords) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    if key := _EMPTY.get(first["type"]):
        return words(key)
    context = first.get("ctx", {})
    return words.pick(Text(context["vi"], context["en"])) if "vi" in context else words("desk.returned_empty")
