"""What the desk's pages of one tab share: their address, and what each template gets."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.renewal.pages import reasons
from services.renewal.pages.site import Site
from services.renewal.pages.typed import InvalidInput
from services.renewal.pages.urls import PATH
from shared.web.pages.session import Visitor


@dataclass(frozen=True, slots=True)
class DeskShell:
    """`zone`: the vendor's time zone, for the times on its pages."""

    site: Site
    tab: str
    zone: str

    def routes(self) -> APIRouter:
        prefix = f"{PATH}/desk"
        return APIRouter(prefix=prefix, route_class=self.site.route_class(), include_in_schema=False)

    def read_reason(self, request: Request, typed: str) -> str:
        """Raises InvalidInput."""
        reason, wrong = reasons.read(typed, "transfer.reason_empty", self.site.words(request))
        if wrong:
            raise InvalidInput("transfer.reason_empty")
        return reason

    def page(
        self,
        request: Request,
        template: str,
        visitor: Visitor,
        values: Mapping[str, object],
        wrong: str = "",
        mistakes: Mapping[str, str] | None = None,
    ) -> Response:
        """`wrong`: why nothing was done; `mistakes`: the errors by the names of the inputs."""
        context = {"tab": self.tab, "wrong": wrong, "mistakes": mistakes or {}, "zone": self.zone, **values}
        return self.site.page(request, template, visitor, context, status=422 if wrong or mistakes else 200)
