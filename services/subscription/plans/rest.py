"""HTTP: the plans of the coming days, and the release of their ends by two people."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from services.subscription.changes import SubscriptionChanges, refusals
from services.subscription.domain.plans.plan import PlanLine
from services.subscription.domain.plans.release import FURTHEST_AHEAD, Approval, PlanRelease
from services.subscription.plans.end_lists import EndLists
from services.subscription.plans.planner import Part, Planner
from services.subscription.plans.releaser import PlanReleaser
from services.subscription.plans.versions import PlanVersion, PlanVersions
from services.subscription.requests import ReasonedRequest, Requester, requester
from services.subscription.texts import FIELDS, TITLES
from shared.text.csv_lines import BOM, csv_line
from shared.web.people import Role, TokenVerifier, require_person
from shared.web.problems import FieldError, Problem, invalid

_WEEK = timedelta(days=7)
_MOST = timedelta(days=100)
_HEADER = ("subscription_id", "office_ref", "product_code", "from", "to", "notices_missing", "released")


class PresentEnds(BaseModel):
    """The ends of the day as of now: how many are released, and how many lack a notice."""

    terminations: int
    terminations_hash: str
    released: int
    notices_missing: int


class ReleaseView(BaseModel):
    """`second` None: the list waits for another person. `done`: every subscription on it has its release."""

    day: date
    terminations: int
    terminations_hash: str
    first: Approval
    second: Approval | None
    done: bool

    @classmethod
    def of(cls, release: PlanRelease) -> "ReleaseView":
        return cls(
            terminations=release.terminations,
            terminations_hash=release.hash,
            **{name: getattr(release, name) for name in ("day", "first", "second", "done")},
        )


class DayPlan(BaseModel):
    """The published versions of a day's plan, and the present ends.

    `present` is None for a day that has begun, or that is too far away for a release.
    """

    day: date
    versions: list[PlanVersion]
    present: PresentEnds | None
    as_of: AwareDatetime
    releases: list[ReleaseView]


class EndReleaseRequest(ReasonedRequest):
    """`terminations_hash` names the list to release, so that nobody releases another list than they read."""

    terminations_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class PlanRoutes:
    planner: Planner
    versions: PlanVersions
    lists: EndLists
    releaser: PlanReleaser
    changes: SubscriptionChanges

    def router(self, verifier: TokenVerifier) -> APIRouter:
        routes = APIRouter(prefix="/v1/plans")
        ops = Depends(require_person(verifier, Role.OPS))
        by_ops = Depends(requester(verifier, Role.OPS))

        @routes.get("", dependencies=[ops])
        async def published(
            first: Annotated[date | None, Query(alias="from")] = None,
            last: Annotated[date | None, Query(alias="to")] = None,
        ) -> list[PlanVersion]:
            """The published plans of the days `from` (today) to `to` (a week later), at most 100 days."""
            first = first or self.releaser.today
            return await self.versions.between(first, _last(first, last))

        @routes.get("/{day}", dependencies=[ops], response_model=DayPlan)
        async def of_day(day: date, request: Request) -> DayPlan | Response:
            """One day's plan; with `Accept: text/csv` its list of ends."""
            if "text/csv" in request.headers.get("accept", ""):
                return await self._csv(day)
            return await self._view(day)

        @routes.post("/{day}/releases", status_code=202)
        async def release(
            day: date, body: EndReleaseRequest, by: Annotated[Requester, by_ops]
        ) -> ReleaseView:
            """Lets the listed services end with `day`: the first time as the first of two people."""
            await self.changes.clocks_agree()
            cause = by.cause(f"agree to end {day}", body, body.reason)
            with refusals():
                hash, sub = body.terminations_hash, by.who.sub
                return ReleaseView.of(await self.releaser.agree(day, hash, sub, body.reason, cause))

        return routes

    def _ahead(self, day: date) -> bool:
        return self.releaser.today < day <= self.releaser.today + FURTHEST_AHEAD

    async def _view(self, day: date) -> DayPlan:
        return DayPlan(
            day=day,
            versions=await self.versions.between(day, day),
            present=await self._present(day) if self._ahead(day) else None,
            as_of=self.changes.clock.now(),
            releases=[ReleaseView.of(release) for release in await self.releaser.of_day(day)],
        )

    async def _present(self, day: date) -> PresentEnds:
        tally = await self.planner.tally_of_ends(day)
        return PresentEnds(**{name: getattr(tally, name) for name in PresentEnds.model_fields})

    async def _csv(self, day: date) -> Response:
        """The ends of a coming day as of now, or of a past day as they were published last."""
        versions = [] if self._ahead(day) else await self.versions.between(day, day)
        if not versions and not self._ahead(day):
            raise Problem(404, "no-plan", TITLES["no-plan"])
        parts = self.lists.parts(versions[-1].id) if versions else self.planner.ends(day)
        headers = {"content-disposition": f'attachment; filename="plan-{day}.csv"'}
        return StreamingResponse(_lines(parts), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(parts: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    yield BOM + csv_line(_HEADER)
    async for part in parts:
        yield b"".join(csv_line(_cells(line)) for line in part)


def _cells(line: PlanLine) -> tuple[str, ...]:
    missing = " ".join(line.missing)
    released = "yes" if line.released else "no"
    return str(line.id), line.office_ref, line.product_code, line.old, line.new, missing, released


def _last(first: date, last: date | None) -> date:
    """Raises a 422 problem."""
    last = last or min(first, date.max - _WEEK) + _WEEK
    if last - first > _MOST:
        error = FieldError(pointer="/query/to", rule="too-many-days", message=FIELDS["too-many-days"])
        raise invalid([error])
    return last
