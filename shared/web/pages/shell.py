"""The shell of a service's pages: renders a template in the visitor's language, with the security headers.

A service's own `base.html` extends `shell/base.html`.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.text.i18n import LANGUAGES, Language
from shared.web.pages import language as languages
from shared.web.pages.guard import CSRF_FIELD
from shared.web.pages.next_url import own_path
from shared.web.pages.session import Visitor
from shared.web.pages.words import PageWords
from shared.web.problems import Problem, as_problem

log = structlog.get_logger()

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connect};"
    " frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY.format(connect="'self'"),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
_TEMPLATES = Path(__file__).parent / "templates"
_RETRYABLE = {
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
}
_LANGUAGE_SECONDS = 365 * 24 * 3600


def page_templates(folder: Path, flows: Mapping[str, Path]) -> Environment:
    """The templates of a service: those that its flows share, from `folder`; a flow's, under the flow's name,
    as in `desk/queue.html`; and the shell's, under `shell/`."""
    prefixes = {name: FileSystemLoader(place) for name, place in {**flows, "shell": _TEMPLATES}.items()}
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder), PrefixLoader(prefixes)]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["csrf_field"] = CSRF_FIELD
    return environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """`root`: the path under which the service's pages are. `values`: what every template gets. `secure`:
    cookies are sent only over TLS. `sign_in_url`: where the platform signs people in; it may be empty.
    `problem_of` turns an error and the request's method into a problem."""

    root: str
    templates: Environment
    words_of: Mapping[Language, PageWords]
    secure: bool
    sign_in_url: str
    values: Mapping[str, object] = field(default_factory=dict)
    problem_of: Callable[[Exception, str], Problem] = as_problem

    def words(self, request: Request) -> PageWords:
        return self.words_of[languages.language(request)]

    def render(
        self, request: Request, template: str, visitor: Visitor | None, values: Mapping[str, object]
    ) -> str:
        own = {"t": self.words(request), "visitor": visitor, "root": self.root, "here": _here(request)}
        return self.templates.get_template(template).render({**own, **self.values, **values})

    def page(
        self,
        request: Request,
        template: str,
        visitor: Visitor | None,
        values: Mapping[str, object],
        *,
        status: int = 200,
        connect: Sequence[str] = (),
    ) -> Response:
        """`connect`: further addresses that the page's scripts may call."""
        policy = _POLICY.format(connect=" ".join(("'self'", *connect)))
        headers = {**HEADERS, "content-security-policy": policy}
        return HTMLResponse(self.render(request, template, visitor, values), status, headers)

    def remember_language(self, request: Request, response: Response) -> None:
        if language := languages.requested_language(request):
            response.set_cookie(
                languages.COOKIE,
                language,
                max_age=_LANGUAGE_SECONDS,
                path=self.root,
                httponly=True,
                samesite="lax",
                secure=self.secure,
            )

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
        response = self.page(request, "shell/problem.html", None, values, status=problem.status)
        if problem.retry_after:
            response.headers["retry-after"] = str(problem.retry_after)
        return response

    def _sign_in(self, request: Request) -> str:
        """The address of the platform's sign-in, with the address to come back to: this page or, for a form
        that was sent, the page with the form. Empty where no sign-in is set."""
        if not self.sign_in_url:
            return ""
        back = _address(request) if request.method == "GET" else _came_from(request, self.root)
        return str(URL(self.sign_in_url).include_query_params(next=back))

    def route_class(self) -> type[APIRoute]:
        """A class of routes whose errors are answered with a page. It remembers the language asked for, also
        where the answer leads to another page."""
        shell = self

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
                handle = super().get_route_handler()

                async def handle_page(request: Request) -> Response:
                    try:
                        response = await handle(request)
                    except Exception as error:
                        response = shell.problem(request, shell.page_problem(error, request.method))
                    shell.remember_language(request, response)
                    return response

                return handle_page

        return PageRoute

    def page_problem(self, error: Exception, method: str) -> Problem:
        """The error as a problem. An invalid address is answered like one that doesn't exist."""
        if isinstance(error, RequestValidationError):
            return as_problem(HTTPException(HTTPStatus.NOT_FOUND))
        problem = self.problem_of(error, method)
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


def _came_from(request: Request, root: str) -> str:
    """The page of ours that had the form, from the browser's `referer`; else the start page."""
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return root
    return own_path(f"{page.path}?{page.query}" if page.query else page.path, root)


def _here(request: Request) -> Mapping[str, str]:
    """This page's address in each language."""
    url = URL(_address(request))
    return {name: str(url.include_query_params(lang=name)) for name in LANGUAGES}
