"""The desk's page of grants that the platform hasn't confirmed, or answered otherwise than asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.pages import urls
from services.renewal.pages.desk_shell import DeskShell
from services.renewal.pages.typed import InvalidInput, why
from services.renewal.resources.open_grants import OpenGrants
from services.renewal.resources.requests import MOST_PICKED, GrantPlaces, PickedGrant
from services.renewal.resources.service import ResourceService
from shared.ids import fresh
from shared.resilience.errors import KeyReused
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import FormSubmission, not_found
from shared.web.pages.session import Visitor

_PICK = "grant."
_FIRST = GrantPlaces()


class GrantDeskQuery(GrantPlaces):
    said: Literal["", "asked", "closed"] = ""


@dataclass(frozen=True, slots=True)
class GrantDesk:
    shell: DeskShell
    service: ResourceService
    grants: OpenGrants

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        *,
        places: GrantPlaces = _FIRST,
        said: str = "",
        wrong: str = "",
        at: str = "",
    ) -> Response:
        """`at`: the id of the grant whose form is `wrong`; empty for the list's own."""
        values = {
            "waiting": await self.grants.waiting(MOST_PICKED, places.waiting),
            "looks": await self.grants.to_look_at(MOST_PICKED, places.to_look_at),
            "limit_hours": round(self.grants.limit.total_seconds() / 3600),
            "said": said,
            "at": at,
            "key": fresh(),
        }
        return self.shell.page(request, "resources/desk.html", visitor, values, wrong)

    async def ask_again(self, request: Request, submission: FormSubmission) -> Response:
        words, picked = self.shell.site.words(request), list(_picked(submission))
        if not picked:
            return await self.show(request, submission.visitor, wrong=words("grants.none_picked"))
        try:
            await self.service.ask_again(picked, submission.visitor.person, _key(submission))
        except KeyReused:
            return await self.show(request, submission.visitor, wrong=words("grants.moved"))
        except RenewalError as error:
            return await self.show(request, submission.visitor, wrong=why(error, words))
        return RedirectResponse(f"{urls.desk('resources')}?said=asked", 303)

    async def close(self, request: Request, submission: FormSubmission, picked: PickedGrant) -> Response:
        words, visitor = self.shell.site.words(request), submission.visitor
        try:
            reason = self.shell.read_reason(request, submission.get("reason"))
            await self.service.close(picked, _seen(submission), reason, visitor.person, _key(submission))
        except KeyReused:
            wrong = words("grants.moved")
        except (InvalidInput, RenewalError) as error:
            wrong = why(error, words)
        else:
            return RedirectResponse(f"{urls.desk('resources')}?said=closed", 303)
        return await self.show(request, visitor, wrong=wrong, at=str(picked.grant_id))


def grant_desk_pages(page: GrantDesk, guard: DeskGuard) -> APIRouter:
    routes = page.shell.routes()
    visiting, writing = Depends(guard.visitor), Depends(guard.submission)

    @routes.get("/resources")
    async def show(
        request: Request,
        visitor: Annotated[Visitor, visiting],
        query: Annotated[GrantDeskQuery, Query()],
    ) -> Response:
        return await page.show(request, visitor, places=query, said=query.said)

    @routes.post("/resources")
    async def ask_again(request: Request, submission: Annotated[FormSubmission, writing]) -> Response:
        return await page.ask_again(request, submission)

    @routes.post("/resources/{subscription_id}/{grant_id}/close")
    async def close(
        request: Request,
        subscription_id: UUID,
        grant_id: UUID,
        submission: Annotated[FormSubmission, writing],
    ) -> Response:
        picked = PickedGrant(subscription_id=subscription_id, grant_id=grant_id)
        return await page.close(request, submission, picked)

    return routes


def _picked(submission: FormSubmission) -> Iterator[PickedGrant]:
    """Fields `grant.ID`, each with its subscription. Raises a 404 problem."""
    for name, value in submission.fields.items():
        if name.startswith(_PICK):
            try:
                yield PickedGrant(subscription_id=UUID(value), grant_id=UUID(name.removeprefix(_PICK)))
            except ValueError:
                raise not_found() from None


def _seen(submission: FormSubmission) -> int:
    """The version that the clerk saw. Raises a 404 problem for a form without it."""
    if (seen := submission.number("seen")) is None:
        raise not_found()
    return seen


def _key(submission: FormSubmission) -> str:
    """Raises a 404 problem for a form without its key."""
    if not (key := submission.get("key")):
        raise not_found()
    return key
