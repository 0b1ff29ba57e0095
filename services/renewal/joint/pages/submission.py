"""Step 2 for several products: the review, the choice of sending, and the registration of all or none."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.joint.closure import is_cancellable
from services.renewal.domain.joint.declaration import JointDeclaration, ProductOrder
from services.renewal.domain.refusal import RenewalError, distinct
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.domain.renewal import Renewal
from services.renewal.joint.pages.chosen import Chosen, ProductCodes, choose
from services.renewal.joint.service import JointRegistrationService
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import shell
from services.renewal.pages import urls
from services.renewal.pages.paths import OfficeRef
from services.renewal.pages.site import Site
from services.renewal.pages.typed import why
from services.renewal.pages.urls import PATH
from services.renewal.registration.drafts import Drafts, Review
from services.renewal.registration.service import NO_CONDITIONS
from shared.events.base import SendBy
from shared.ids import fresh
from shared.resilience.errors import Interrupted, OutOfTime
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor
from shared.web.pages.words import PageWords
from shared.web.problems import as_problem


@dataclass(frozen=True, slots=True)
class JointSubmissionPage:
    """The review and sending of the chosen products' drafts, for one visitor."""

    site: Site
    drafts: Drafts
    joint: JointRegistrationService
    request: Request
    visitor: Visitor
    chosen: Chosen

    async def show(
        self,
        submission: FormSubmission | None = None,
        wrong: Mapping[str, str] | None = None,
        busy: str = "",
    ) -> Response:
        """The page; a redirect to step 1 while a draft has errors. `wrong`: the errors by the names of the
        inputs, "main" for one of none. `busy`: why it wasn't done in time; the page then sends the same key
        again, so that nothing is done twice."""
        reviews = await self._reviews()
        if (declared := _declared(reviews)) is None:
            return self._back()
        over = submission.get("replacing") if submission else ""
        late = busy and not over  # this submission itself may have made the open registration
        values = {
            "office": shell(self.chosen.summaries[0]),
            "chosen": self.chosen,
            "rows": list(zip(self.chosen.summaries, reviews, strict=True)),
            "declaration": declared[0],
            "pay_by": reviews[0].pay_by or declared[0].payment.on,
            "conditions": reviews[0].conditions,
            "total": sum(review.order.total for review in reviews if review.order),
            "seen": _fingerprint(reviews),
            "no_conditions": NO_CONDITIONS,
            "confirmed": _confirmed(self.chosen, submission) if submission else {},
            "standing": [review.standing for review in reviews if review.standing],
            "replaceable": None if late else _replaceable(reviews),
            "over": over,
            "sent_by": submission.get("send_by") if submission else "",
            "key": (submission and submission.get("key")) or str(fresh()),
            "wrong": wrong or {},
            "warnings": distinct(warning for review in reviews for warning in review.warnings),
            "busy": busy,
        }
        status = 422 if wrong else 503 if busy else 200
        return self.site.page(self.request, "joint/review.html", self.visitor, values, status=status)

    async def confirm(self, submission: FormSubmission) -> Response:
        reviews, words = await self._reviews(), self.site.words(self.request)
        if (declared := _declared(reviews)) is None:
            return self._back()
        if submission.get("send_by") not in set(SendBy):
            return await self.show(submission, {"send_by": words("send.choose")})
        if submission.get("seen") != _fingerprint(reviews):
            return await self.show(submission, {"main": words("send.moved")})
        try:
            renewal, _ = await self.joint.register(
                self.chosen.office_ref,
                _joint(self.chosen, declared, _confirmed(self.chosen, submission)),
                SendBy(submission.get("send_by")),
                self.visitor.person,
                replacing=_id(submission.get("replacing")),
                conditions=submission.get("conditions") or None,
                key=":".join(submission.get(name) for name in ("key", "send_by", "replacing")),
            )
        except RenewalError as refused:
            if refused.name == "registration-invalid":
                return self._back()
            return await self.show(submission, _wrong(refused, reviews, words))
        except (OutOfTime, Interrupted) as late:
            problem = as_problem(late)
            answer = await self.show(submission, busy=words.pick(problem.title))
            answer.headers["retry-after"] = str(problem.retry_after)
            return answer
        return RedirectResponse(f"{urls.registration(renewal.registration.renewal_id)}?done=yes", 303)

    async def _reviews(self) -> list[Review]:
        return list((await self.chosen.reviews(self.drafts, self.visitor)).values())

    def _back(self) -> Response:
        return RedirectResponse(self.chosen.url(check="yes"), 303)


def joint_submission_pages(
    site: Site,
    guard: RequestGuard,
    queries: OfficeQueries,
    drafts: Drafts,
    joint: JointRegistrationService,
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    path = "/joint/{office_ref}/review"

    @routes.get(path)
    async def review(
        request: Request,
        office_ref: OfficeRef,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        product: ProductCodes = (),
    ) -> Response:
        chosen = await choose(queries, office_ref, product, visitor)
        if alone := chosen.alone():
            return RedirectResponse(alone, 303)
        return await JointSubmissionPage(site, drafts, joint, request, visitor, chosen).show()

    @routes.post(path)
    async def confirm(
        request: Request,
        office_ref: OfficeRef,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
        product: ProductCodes = (),
    ) -> Response:
        """Registers. If the form is sent twice, the second time changes nothing and shows what the first
        made."""
        chosen = await choose(queries, office_ref, product, submission.visitor)
        if alone := chosen.alone():
            return RedirectResponse(alone, 303)
        page = JointSubmissionPage(site, drafts, joint, request, submission.visitor, chosen)
        return await page.confirm(submission)

    return routes


def _declared(reviews: list[Review]) -> list[Declaration] | None:
    """The declaration of each product; None while one has errors."""
    declared = [review.declaration for review in reviews if review.declaration]
    return declared if len(declared) == len(reviews) else None


def _joint(chosen: Chosen, declared: list[Declaration], confirmed: dict[str, date]) -> JointDeclaration:
    """The shared parts as the first product's draft declares them, and each product's order."""
    lead = declared[0]
    products = tuple(
        ProductOrder(product_code=code, order=each.order, confirmed_until=confirmed.get(code))
        for code, each in zip(chosen.codes, declared, strict=True)
    )
    return JointDeclaration(
        kind=lead.kind, office=lead.office, invoice=lead.invoice, payment=lead.payment, products=products
    )


def _wrong(refused: RenewalError, reviews: list[Review], words: PageWords) -> dict[str, str]:
    """The text of the refusal, by the name of the input that answers it."""
    match refused.name:
        case "registration-open" if _replaceable(reviews):
            return {"replacing": words("send.choose_replace")}
        case "conditions-changed":
            return {"conditions": words("conditions.changed")}
        case "early-renewal":
            return {f"confirmed_until.{refused.about['product_code']}": words("send.confirm_early")}
    return {"main": why(refused, words)}


def _replaceable(reviews: list[Review]) -> Renewal | None:
    """The joint registration of all these products that isn't accepted yet: it can be replaced."""
    standing = [review.standing for review in reviews if review.standing]
    ids = {renewal.registration.renewal_id for renewal in standing}
    one = len(standing) == len(reviews) and len(ids) == 1 and is_cancellable(standing[0])
    return standing[0] if one else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _fingerprint(reviews: list[Review]) -> str:
    """Of all that the page showed and the office agrees to: it must see a change first."""
    return sha256("\n".join(review.fingerprint for review in reviews).encode()).hexdigest()


def _confirmed(chosen: Chosen, submission: FormSubmission) -> dict[str, date]:
    """The last days of the new terms that the person confirmed, by the product's code."""
    found = {}
    for code in chosen.codes:
        with suppress(ValueError):
            found[code] = date.fromisoformat(submission.get(f"confirmed_until.{code}"))
    return found
