"""The office's page of its resources: what it may use, what is used, the grants, and the button that asks the
platform anew."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.office.queries import OfficeQueries
from services.renewal.office.subscription_summary import shell
from services.renewal.pages import urls
from services.renewal.pages.paths import OfficeRef, ProductCode
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.resources.service import ResourceService
from services.renewal.texts import refusal_text
from shared.ids import fresh
from shared.web.pages.guard import FormSubmission, RequestGuard
from shared.web.pages.session import Visitor


@dataclass(frozen=True, slots=True)
class ResourcePage:
    site: Site
    queries: OfficeQueries
    service: ResourceService

    async def show(
        self, request: Request, visitor: Visitor, key: tuple[str, str], *, said: str = "", wrong: str = ""
    ) -> Response:
        summary = await self.queries.summary(*key, visitor)
        resources = await self.queries.resources(summary)
        ledger = await self.service.ledgers.of(summary.licence.subscription_id)
        values = {
            "office": shell(summary),
            "tab": "products",
            "summary": summary,
            "licence": summary.licence,
            "resources": resources,
            "package_name": self.queries.package_name(summary, resources.package),
            "grants": tuple(reversed(ledger.grants if ledger else ())),
            "package_of": lambda code: self.queries.package_name(summary, code),
            "may_register": visitor.person.may_register(summary.licence.office_ref),
            "said": said,
            "wrong": wrong,
            "key": fresh(),
        }
        status = 409 if wrong else 200
        return self.site.page(request, "resources/office.html", visitor, values, status=status)

    async def ask(self, request: Request, submission: FormSubmission, key: tuple[str, str]) -> Response:
        person, words = submission.visitor.person, self.site.words(request)
        await self.queries.to_register(*key, submission.visitor)
        try:
            await self.service.ask_anew(*key, person, submission.get("key") or str(fresh()))
        except RenewalError as refused:
            wrong = words.pick(refusal_text(refused))
            return await self.show(request, submission.visitor, key, wrong=wrong)
        return RedirectResponse(f"{urls.subscription(*key, 'resources')}?said=asked", 303)


def resource_pages(page: ResourcePage, guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=page.site.route_class(), include_in_schema=False)
    path = "/o/{office_ref}/{product_code}/resources"

    @routes.get(path)
    async def show(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        visitor: Annotated[Visitor, Depends(guard.visitor)],
        said: Literal["", "asked"] = "",
    ) -> Response:
        return await page.show(request, visitor, (office_ref, product_code), said=said)

    @routes.post(path)
    async def ask(
        request: Request,
        office_ref: OfficeRef,
        product_code: ProductCode,
        submission: Annotated[FormSubmission, Depends(guard.submission)],
    ) -> Response:
        return await page.ask(request, submission, (office_ref, product_code))

    return routes
