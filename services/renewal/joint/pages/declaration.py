"""Step 1 for several products: the shared parts are declared once. Each product's draft keeps what was typed,
so that nothing is lost where the office goes on with one of them alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.registration.draft import Draft
from services.renewal.joint.pages import form as joint_form
from services.renewal.joint.pages.chosen import Chosen, ProductCodes, choose
from services.renewal.joint.pages.form import JointForm
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import shell
from services.renewal.pages.paths import OfficeRef
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.registration.drafts import DraftMoved, Drafts
from services.renewal.registration.form_view import order_choices
from shared.storage.aggregate import Stored
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor


@dataclass(frozen=True, slots=True)
class JointDeclarationPage:
    """The form of the chosen products, for one visitor."""

    site: Site
    queries: OfficeQueries
    drafts: Drafts
    request: Request
    visitor: Visitor
    chosen: Chosen

    async def look(self, *, check: bool, saved: bool) -> Response:
        """The saved drafts. `check`: with their errors."""
        drafts = await self._drafts()
        typed = await self._typed_in(drafts)
        return await self._page(drafts, typed, wrong=await self._wrong() if check else {}, saved=saved)

    async def save(self, submission: FormSubmission) -> Response:
        """Saves each product's draft with the shared parts and its own order. A death in between leaves some
        drafts saved, and the same form sent again saves the rest."""
        typed = joint_form.typed(submission.fields, self.chosen.codes)
        drafts = await self._drafts()
        if any(submission.number(f"{code}.version") != draft.version for code, draft in drafts.items()):
            return await self._page(drafts, typed, status=409)
        try:
            for code, draft in drafts.items():
                fields = joint_form.of_product(typed, code)
                await self.drafts.save(
                    self.chosen.office_ref, code, fields, draft.version, self.visitor.person
                )
        except DraftMoved:
            return await self._page(await self._drafts(), typed, status=409)
        if submission.get("do") != "review":
            return RedirectResponse(self.chosen.url(saved="yes"), 303)
        if wrong := await self._wrong():
            return await self._page(await self._drafts(), typed, wrong=wrong, status=422)
        return RedirectResponse(self.chosen.url("review"), 303)

    async def _drafts(self) -> dict[str, Stored[Draft]]:
        who, office_ref = self.visitor.person, self.chosen.office_ref
        return {code: await self.drafts.open(office_ref, code, who) for code in self.chosen.codes}

    async def _typed_in(self, drafts: Mapping[str, Stored[Draft]]) -> dict[str, str]:
        newest = await self.chosen.newest(self.drafts)
        return joint_form.typed_in([draft.state for draft in drafts.values()], newest)

    async def _wrong(self) -> dict[str, str]:
        reviews = await self.chosen.reviews(self.drafts, self.visitor)
        return joint_form.wrong(reviews, self.site.words(self.request))

    async def _page(
        self,
        drafts: Mapping[str, Stored[Draft]],
        typed: Mapping[str, str],
        *,
        wrong: Mapping[str, str] | None = None,
        status: int = 200,
        saved: bool = False,
    ) -> Response:
        theirs: Mapping[str, str] = {}
        if status == 409:
            newer = await self._typed_in(drafts)
            theirs = {name: text for name, text in newer.items() if typed.get(name, "") != text}
        names = {each.licence.product_code: each.product_name for each in self.chosen.summaries}
        values = await self._values(drafts) | {
            "form": JointForm(names, typed, wrong or {}, theirs),
            "saved_at": max(draft.state.saved_at for draft in drafts.values()) if saved else None,
        }
        return self.site.page(self.request, "joint/declare.html", self.visitor, values, status=status)

    async def _values(self, drafts: Mapping[str, Stored[Draft]]) -> dict[str, Any]:
        words, lead = self.site.words(self.request), self.chosen.summaries[0]
        reviews = await self.chosen.reviews(self.drafts, self.visitor)
        rows = [
            {
                "code": code,
                "summary": summary,
                "version": drafts[code].version,
                "review": reviews[code],
                **order_choices(self.queries.product(summary), words),
            }
            for summary in self.chosen.summaries
            for code in [summary.licence.product_code]
        ]
        return {
            "office": shell(lead),
            "zone": lead.licence.zone,
            "chosen": self.chosen,
            "rows": rows,
            "latest_payment": min(review.latest_payment for review in reviews.values()),
        }


def joint_declaration_pages(
    site: Site, guard: RequestGuard, queries: OfficeQueries, drafts: Drafts
) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)
    path = "/joint/{office_ref}"

    @routes.get(path)
    async def look(
        request: Request,
        office_ref: OfficeRef,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        product: ProductCodes = (),
        check: Literal["", "yes"] = "",
        saved: Literal["", "yes"] = "",
    ) -> Response:
        chosen = await choose(queries, office_ref, product, visitor)
        if alone := chosen.alone():
            return RedirectResponse(alone, 303)
        page = JointDeclarationPage(site, queries, drafts, request, visitor, chosen)
        return await page.look(check=bool(check), saved=bool(saved))

    @routes.post(path)
    async def save(
        request: Request,
        office_ref: OfficeRef,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
        product: ProductCodes = (),
    ) -> Response:
        chosen = await choose(queries, office_ref, product, submission.visitor)
        if alone := chosen.alone():
            return RedirectResponse(alone, 303)
        page = JointDeclarationPage(site, queries, drafts, request, submission.visitor, chosen)
        return await page.save(submission)

    return routes
