"""Signing in and out, and the static files of every page: styles, scripts, the corner button."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from services.renewal.pages import session
from services.renewal.pages.guard import FormSubmission, RequestGuard, not_found
from services.renewal.pages.next_url import own_path
from services.renewal.pages.site import Site

_ASSETS = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FRESH = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}


def auth_routes(site: Site, guard: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=session.PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.post("/session")
    async def sign_in(signed_in: Annotated[tuple[str, str], Depends(guard.sign_in)]) -> Response:
        """The platform's page posts here: `token`, and `next`, a path of these pages."""
        token, next_path = signed_in
        response = RedirectResponse(own_path(next_path), 303)
        session.set_cookie(response, token, secure=site.secure)
        return response

    @routes.post("/sign-out")
    async def go_out(
        request: Request, submission: Annotated[FormSubmission, Depends(guard.submission)]
    ) -> Response:
        await guard.sign_out(request)
        response = RedirectResponse(site.sign_in_url or session.PATH, 303)
        session.delete_cookie(response, secure=site.secure)
        return response

    @routes.get("/assets/{name}")
    async def asset(name: str) -> Response:
        return _file(name)

    @routes.get("/giahan-renew.js")
    async def corner_button() -> Response:
        """The script that the products' pages load. They may have any origin."""
        response = _file("giahan-renew.js")
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    return routes


def not_found_route(site: Site) -> APIRouter:
    """The last route: it answers each address that no other route takes."""
    routes = APIRouter(prefix=session.PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.get("/{rest:path}")
    async def unknown_address(request: Request, rest: str) -> Response:
        """Raises a 404 problem. The start page with a slash at its end is redirected to the start page."""
        if rest:
            raise not_found()
        query = request.url.query
        return RedirectResponse(f"{session.PATH}?{query}" if query else session.PATH, 303)

    return routes


def _file(name: str) -> Response:
    file = _ASSETS / name
    if file.suffix not in _TYPES or file.parent != _ASSETS or not file.is_file():
        raise not_found()
    return FileResponse(file, media_type=_TYPES[file.suffix], headers=_FRESH)
