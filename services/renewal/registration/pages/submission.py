"""Step 2, the review, and the choice of sending: a draft without errors becomes a registration."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.joint.closure import is_cancellable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import SubscriptionSummary, shell
from services.renewal.pages import urls
from services.renewal.pages.paths import OfficeRef, ProductCode
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.registration.drafts import Drafts, Review
from services.renewal.registration.service import NO_CONDITIONS, RegistrationService
from shared.events.base import SendBy
from shared.ids import fresh
from shared.resilience.errors import Interrupted, OutOfTime
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor
from shared.web.pages.words import PageWords
from shared.web.problems import as_problem

_INVALID = "registration-invalid"
_BLOCKED = "registration-open"
_OTHER_CONDITIONS = "conditions-changed"
_EARLY = "early-renewal"


@dataclass(frozen=True, slots=True)
class SubmissionPage:
    """The review and sending of one product's draft, for one visitor."""

    site: Site
    queries: OfficeQueries
    drafts: Drafts
    registrations: RegistrationService
    request: Request
    visitor: Visitor
    summary: SubscriptionSummary

    async def show(
        self,
        template: str,
        submission: FormSubmission | None = None,
        wrong: dict[str, str] | None = None,
        busy: str = "",
        seen: str = "",
        moved: bool = False,
    ) -> Response:
        """The page; a redirect to step 1 while the draft has errors. `busy`: why it wasn't done in time; the
        page then sends the same key again, so that nothing is done twice. `seen`: the fingerprint of the
        review that the visitor comes from. `moved`: what would be registered is no longer what was shown."""
        review = await self.drafts.review(*self._key, self.visitor.person)
        if review.declaration is None:
            return self._back()
        over = submission.get("replacing") if submission else ""
        late = busy and not over  # this submission itself may have made the open registration
        values = {
            "office": shell(self.summary),
            "product": self.queries.product(self.summary),
            "review": review,
            "seen": seen or (submission and submission.get("seen")) or review.fingerprint,
            "no_conditions": NO_CONDITIONS,
            "moved": moved,
            "replaceable": None if late else _replaceable(review),
            "chosen": submission.get("send_by") if submission else "",
            "key": (submission and submission.get("key")) or str(fresh()),
            "wrong": wrong or {},
            "busy": busy,
            "over": over,
            "confirmed": submission.get("confirmed_until") if submission else "",
        }
        status = 422 if wrong or moved else 503 if busy else 200
        return self.site.page(self.request, template, self.visitor, values, status=status)

    async def confirm(self, submission: FormSubmission) -> Response:
        review = await self.drafts.review(*self._key, self.visitor.person)
        if review.declaration is None:
            return self._back()
        if submission.get("seen") != review.fingerprint:
            return await self.show("registration/review.html", moved=True)
        if submission.get("send_by") not in set(SendBy):
            return await self.show(
                "registration/send.html", submission, {"send_by": self._words("send.choose")}
            )
        try:
            renewal = await self._register(submission, review)
        except RenewalError as refused:
            if refused.name == _INVALID:
                return self._back()
            if refused.name == _BLOCKED:
                return await self.show(
                    "registration/send.html", submission, {"replacing": self._words("send.choose_replace")}
                )
            if refused.name == _OTHER_CONDITIONS:
                return await self.show(
                    "registration/send.html", submission, {"conditions": self._words("conditions.changed")}
                )
            if refused.name == _EARLY:
                wrong = {"confirmed_until": self._words("send.confirm_early")}
                return await self.show("registration/send.html", submission, wrong)
            raise
        except (OutOfTime, Interrupted) as late:
            problem = as_problem(late)
            answer = await self.show(
                "registration/send.html", submission, busy=self._words.pick(problem.title)
            )
            answer.headers["retry-after"] = str(problem.retry_after)
            return answer
        return RedirectResponse(f"{urls.registration(renewal.registration.renewal_id)}?done=yes", 303)

    async def _register(self, submission: FormSubmission, review: Review) -> Renewal:
        assert review.declaration is not None
        renewal, _ = await self.registrations.register(
            *self._key,
            review.declaration,
            SendBy(submission.get("send_by")),
            self.visitor.person,
            replacing=_id(submission.get("replacing")),
            conditions=submission.get("conditions") or None,
            confirmed_until=_day(submission.get("confirmed_until")),
            key=":".join(submission.get(name) for name in ("key", "send_by", "replacing")),
        )
        return renewal

    @property
    def _words(self) -> PageWords:
        return self.site.words(self.request)

    def _back(self) -> Response:
        return RedirectResponse(f"{urls.subscription(*self._key, 'declare')}?check=yes", 303)

    @property
    def _key(self) -> tuple[str, str]:
        return self.summary.licence.office_ref, self.summary.licence.product_code


def submission_pages(
    site: Site,
    guard: RequestGuard,
    queries: OfficeQueries,
    drafts: Drafts,
    registrations: RegistrationService,
) -> APIRouter:
    routes = APIRouter(
        prefix=f"{PATH}/o/{{office_ref}}/{{product_code}}",
        route_class=site.route_class(),
        include_in_schema=False,
    )
    visiting = Depends(guard.visitor)

    async def step(request: Request, office_ref: str, product_code: str, visitor: Visitor) -> SubmissionPage:
        summary = await queries.to_register(office_ref, product_code, visitor)
        return SubmissionPage(site, queries, drafts, registrations, request, visitor, summary)

    @routes.get("/review")
    async def review(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, visiting],
    ) -> Response:
        return await (await step(request, office_ref, product_code, visitor)).show("registration/review.html")

    @routes.get("/send")
    async def choose(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, visiting],
        seen: Annotated[str, Query(pattern="^[0-9a-f]{64}$|^$")] = "",
    ) -> Response:
        page = await step(request, office_ref, product_code, visitor)
        return await page.show("registration/send.html", seen=seen)

    @routes.post("/send")
    async def confirm(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
    ) -> Response:
        """Registers. If the form is sent twice, the second time changes nothing and shows what the first
        made."""
        return await (await step(request, office_ref, product_code, submission.visitor)).confirm(submission)

    return routes


def _replaceable(review: Review) -> Renewal | None:
    """The open registration that can be replaced: it isn't accepted yet."""
    return review.standing if review.standing and is_cancellable(review.standing) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
