"""Signing in and out, and the answer to unknown addresses."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.web.pages import session
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.guard import FormSubmission, RequestGuard, not_found
from shared.web.pages.next_url import own_path
from shared.web.pages.shell import Shell
from shared.web.people import bearer


def auth_routes(shell: Shell, guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=shell.root, route_class=shell.route_class(), include_in_schema=False)

    @routes.post("/session")
    async def sign_in(signed_in: Annotated[tuple[str, str], Depends(guard.sign_in)]) -> Response:
        """The platform's page posts here: `token`, and `next`, a path of these pages."""
        token, next_path = signed_in
        response = RedirectResponse(own_path(next_path, shell.root), 303)
        session.set_cookie(response, token, secure=shell.secure)
        return response

    @routes.post("/sign-out")
    async def sign_out(
        request: Request, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        await guard.sign_out(request)
        response = RedirectResponse(shell.sign_in_url or shell.root, 303)
        session.delete_cookie(response, secure=shell.secure)
        return response

    return routes


def session_routes(verifier: SessionVerifier) -> APIRouter:
    """When a person signs out at the platform, the platform ends the session at each service with pages."""
    routes = APIRouter(prefix="/v1/session")

    @routes.delete("", status_code=204)
    async def end(request: Request) -> None:
        """Ends the session of this request's token, for HTTP and for the pages. A repeat changes nothing."""
        await verifier.end(bearer(request))

    return routes


def not_found_route(shell: Shell) -> APIRouter:
    """The last route: it answers each address that no other route takes."""
    routes = APIRouter(prefix=shell.root, route_class=shell.route_class(), include_in_schema=False)

    @routes.get("/{rest:path}")
    async def unknown_address(request: Request, rest: str) -> Response:
        """Raises a 404 problem. The start page with a slash at its end is redirected to the start page."""
        if rest:
            raise not_found()
        query = request.url.query
        return RedirectResponse(f"{shell.root}?{query}" if query else shell.root, 303)

    return routes
