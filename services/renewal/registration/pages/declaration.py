"""Step 1: the office fills in the declaration. Its button saves the draft; where scripts run, typing also
does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.renewal.domain.joint.closure import is_cancellable
from services.renewal.domain.registration.catalogue import Product
from services.renewal.domain.registration.draft import Draft, begin, orders_what_is_in_use
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import SubscriptionSummary, shell
from services.renewal.pages import urls
from services.renewal.pages.paths import OfficeRef, ProductCode
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.registration import form_view
from services.renewal.registration.drafts import DraftMoved, Drafts
from services.renewal.registration.form_view import FormView
from services.renewal.registration.pages.sections import form_sections
from shared.storage.aggregate import Stored
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor
from shared.web.pages.shell import HEADERS

_NOT_A_VERSION = -1


@dataclass(frozen=True, slots=True)
class DeclarationPage:
    """The form of one product, for one visitor."""

    site: Site
    queries: OfficeQueries
    drafts: Drafts
    request: Request
    visitor: Visitor
    summary: SubscriptionSummary

    async def page(
        self, draft: Stored[Draft], form: FormView, *, status: int = 200, saved: bool = False
    ) -> Response:
        values = await self._values(draft, form)
        values["saved_at"] = draft.state.saved_at if saved else None
        return self.site.page(self.request, "registration/declare.html", self.visitor, values, status=status)

    async def look(self, *, check: bool, saved: bool) -> Response:
        """The saved draft. `check`: with its errors."""
        draft = await self.drafts.open(*self._key, self.visitor.person)
        wrong = await self._wrong() if check else {}
        return await self.page(draft, FormView(draft.state.fields, wrong), saved=saved)

    async def save(self, submission: FormSubmission) -> Response:
        """Saves what was typed, then does what the button `do` says."""
        typed = form_view.typed(submission.fields)
        try:
            draft = await self.drafts.save(*self._key, typed, version_of(submission), self.visitor.person)
        except DraftMoved as moved:
            return await self._moved(submission, typed, moved.newer)
        match submission.get("do"):
            case "keep":
                return await self._saved(draft)
            case "review":
                return await self._on(draft)
            case "recount":
                return RedirectResponse(f"{self._url('declare')}#section-order", 303)
        return RedirectResponse(f"{self._url('declare')}?saved=yes", 303)

    async def _on(self, draft: Stored[Draft]) -> Response:
        if wrong := await self._wrong():
            return await self.page(draft, FormView(draft.state.fields, wrong), status=422)
        return RedirectResponse(self._url("review"), 303)

    async def _saved(self, draft: Stored[Draft]) -> Response:
        words, zone = self.site.words(self.request), self.summary.licence.zone
        review = await self.drafts.review(*self._key, self.visitor.person)
        quote, total = (
            self.site.render(self.request, f"registration/{part}.html", self.visitor, {"review": review})
            for part in ("quote", "total")
        )
        said = words("declare.saved", at=words.moment(draft.state.saved_at, zone))
        kept = {"said": said, "version": draft.version, "quote": quote, "total": total}
        return JSONResponse(kept, headers=HEADERS)

    async def _moved(
        self, submission: FormSubmission, typed: dict[str, str], newer: Stored[Draft]
    ) -> Response:
        """Another person saved the draft first. Nothing is saved; the page shows both versions, so that the
        next save overwrites the other one knowingly."""
        if submission.get("do") == "keep":
            said = self.site.words(self.request)("declare.moved_short")
            return JSONResponse({"said": said}, 409, headers=HEADERS)
        theirs = form_view.differing(typed, newer.state.fields)
        return await self.page(newer, FormView(typed, theirs=theirs), status=409)

    async def _wrong(self) -> dict[str, str]:
        review = await self.drafts.review(*self._key, self.visitor.person)
        return form_view.wrong(review.errors, self.site.words(self.request))

    async def _values(self, draft: Stored[Draft], form: FormView) -> dict[str, Any]:
        product, words = self.queries.product(self.summary), self.site.words(self.request)
        review = await self.drafts.review_fields(*self._key, form.typed, self.visitor.person)
        resources = await self.queries.resources(self.summary)
        return {
            "resources": resources,
            "package_name": self.queries.package_name(self.summary, resources.package),
            "office": shell(self.summary),
            "licence": self.summary.licence,
            "product": product,
            "review": review,
            "replaceable": review.standing is not None and is_cancellable(review.standing),
            "version": draft.version,
            "form": form,
            "sections": form_sections(
                form,
                self._prefilled(product),
                review.errors,
                as_in_use=orders_what_is_in_use(self.summary.licence, product),
            ),
            **form_view.order_choices(product, words),
        }

    def _prefilled(self, product: Product) -> Mapping[str, str]:
        """The form's inputs as the licence fills them in today."""
        begun = begin(self.summary.licence, product, self.visitor.person.sub, self.queries.clock.now())
        return begun.state.fields

    @property
    def _key(self) -> tuple[str, str]:
        return self.summary.licence.office_ref, self.summary.licence.product_code

    def _url(self, step: str) -> str:
        return urls.subscription(*self._key, step)


def declaration_pages(site: Site, guard: RequestGuard, queries: OfficeQueries, drafts: Drafts) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    path = "/o/{office_ref}/{product_code}/declare"

    @routes.get(path)
    async def look(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        check: Literal["", "yes"] = "",
        saved: Literal["", "yes"] = "",
    ) -> Response:
        summary = await queries.to_register(office_ref, product_code, visitor)
        step = DeclarationPage(site, queries, drafts, request, visitor, summary)
        return await step.look(check=bool(check), saved=bool(saved))

    @routes.post(path)
    async def save(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
    ) -> Response:
        summary = await queries.to_register(office_ref, product_code, submission.visitor)
        return await DeclarationPage(site, queries, drafts, request, submission.visitor, summary).save(
            submission
        )

    return routes


def version_of(submission: FormSubmission) -> int:
    """The draft's version that the page showed. A text that isn't a number gives a version that never
    exists."""
    version = submission.number("version")
    return _NOT_A_VERSION if version is None else version
