"""Renders pages: a template, in the visitor's language, with the security headers."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.renewal.domain import money
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.declaration import BUYER_PART, OFFICE_PART
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.pages import language as languages
from services.renewal.pages import urls
from services.renewal.pages.guard import CSRF_FIELD
from services.renewal.pages.next_url import own_path
from services.renewal.pages.session import PATH, Visitor
from services.renewal.pages.words import WORDS, PageWords
from services.renewal.refusal_texts import REFUSALS
from services.renewal.texts import DESK_REASONS, SENDING, STATUSES, next_text, status_text
from shared.text.i18n import LANGUAGES
from shared.web.problems import Problem, as_problem

log = structlog.get_logger()

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
TEMPLATES = Path(__file__).parent / "templates"
_RETRYABLE = {
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}
_LANGUAGE_SECONDS = 365 * 24 * 3600


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"vnd": money.vnd, "digits": money.digits}
    environment.globals |= {
        "url": urls,
        "csrf_field": CSRF_FIELD,
        "office_part": OFFICE_PART,
        "buyer_part": BUYER_PART,
        "statuses": STATUSES,
        "next_text": next_text,
        "status_text": status_text,
        "desk_reasons": DESK_REASONS,
        "sendings": SENDING,
        "refusals": REFUSALS,
    }
    return environment


_TEMPLATES = _environment()


@dataclass(frozen=True, slots=True)
class Site:
    """`secure`: cookies are sent only over TLS. `sign_in_url`: where the platform signs people in.
    `signing_url`: the page on which the form `renewal=ID` is signed. Either address may be empty."""

    secure: bool
    sign_in_url: str
    signing_url: str
    vendor: Vendor

    def words(self, request: Request) -> PageWords:
        return WORDS[languages.language(request)]

    def draw(
        self, request: Request, template: str, visitor: Visitor | None, values: Mapping[str, object]
    ) -> str:
        shell = {"t": self.words(request), "visitor": visitor, "vendor": self.vendor, "office": None}
        return _TEMPLATES.get_template(template).render({**shell, "here": _here(request), **values})

    def page(
        self,
        request: Request,
        template: str,
        visitor: Visitor | None,
        values: Mapping[str, object],
        *,
        status: int = 200,
    ) -> Response:
        response = HTMLResponse(self.draw(request, template, visitor, values), status, HEADERS)
        if asked := languages.asked(request):
            response.set_cookie(
                languages.COOKIE,
                asked,
                max_age=_LANGUAGE_SECONDS,
                path=PATH,
                httponly=True,
                samesite="lax",
                secure=self.secure,
            )
        return response

    def signing_page(self, renewal: Renewal) -> str:
        """The address where the form is signed or, while the contract waits for it, the contract. Empty where
        there is no such page: the office then signs in its own software."""
        if not self.signing_url:
            return ""
        registration = renewal.registration
        what = {"document": "contract"} if renewal.status is RegistrationStatus.AWAITING_ASSENT else {}
        return str(URL(self.signing_url).include_query_params(renewal=registration.renewal_id, **what))

    def problem(self, request: Request, problem: Problem) -> Response:
        """The page that says what went wrong. A visitor who only has to sign in is redirected to the sign-in,
        which leads back here. Where a repeat may help, the page offers to send the same form again."""
        sign_in = self._sign_in(request)
        if problem.status == HTTPStatus.UNAUTHORIZED and sign_in and request.method == "GET":
            return RedirectResponse(sign_in, HTTPStatus.SEE_OTHER, {"cache-control": "no-store"})
        values = {
            "title": problem.title,
            "code": problem.status,
            "sign_in": sign_in,
            "again": {"action": _address(request), **_once_more(request, problem)},
        }
        response = self.page(request, "problem.html", None, values, status=problem.status)
        if problem.retry_after:
            response.headers["retry-after"] = str(problem.retry_after)
        return response

    def _sign_in(self, request: Request) -> str:
        """The address of the platform's sign-in, with the address to come back to: this page or, for a form
        that was sent, the page with the form. Empty where no sign-in is set."""
        if not self.sign_in_url:
            return ""
        back = _address(request) if request.method == "GET" else _came_from(request)
        return str(URL(self.sign_in_url).include_query_params(next=back))

    def route_class(self) -> type[APIRoute]:
        """A class of routes whose errors are answered with a page."""
        site = self

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
                handle = super().get_route_handler()

                async def shown(request: Request) -> Response:
                    try:
                        return await handle(request)
                    except Exception as error:
                        return site.problem(request, _as_problem(error, request.method))

                return shown

        return PageRoute


def _as_problem(error: Exception, method: str) -> Problem:
    """The error as a problem. An invalid address is answered like one that doesn't exist. A RenewalError
    comes here only where its page has no form to show it on."""
    if isinstance(error, RequestValidationError):
        return as_problem(HTTPException(HTTPStatus.NOT_FOUND))
    if isinstance(error, RenewalError):
        status, title = REFUSALS[error.name]
        return Problem(status, error.name, title)
    problem = as_problem(error, method)
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("page.failed", error=type(error).__name__, exc_info=error)
    return problem


def _once_more(request: Request, problem: Problem) -> Mapping[str, object]:
    """What the page offers to repeat. `sent`: the fields of the form that was sent. `file`: the form had a
    file, which we don't have any more. `look`: the page can be loaded again."""
    helps, state = problem.status in _RETRYABLE, request.state
    return {
        "sent": getattr(state, "sent", {}) if helps else {},
        "file": helps and getattr(state, "with_file", False),
        "look": helps and request.method == "GET",
    }


def _address(request: Request) -> str:
    """The path and query of this page, as in a link to it. For a form that was sent, only the path."""
    path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query and request.method == "GET" else path


def _came_from(request: Request) -> str:
    """The page of ours that had the form, from the browser's `referer`; else the start page."""
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return PATH
    return own_path(f"{page.path}?{page.query}" if page.query else page.path)


def _here(request: Request) -> Mapping[str, str]:
    """This page's address in each language."""
    url = URL(_address(request))
    return {name: str(url.include_query_params(lang=name)) for name in LANGUAGES}
