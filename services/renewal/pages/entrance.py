"""Coming in and going out, and what every page needs: styles, scripts, the corner button."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from services.renewal.pages import session
from services.renewal.pages.door import FormSubmission, RequestGuard, missing
from services.renewal.pages.next_url import own_path
from services.renewal.pages.site import Site

_ASSETS = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FRESH = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}


def auth_routes(site: Site, door: RequestGuard) -> APIRouter:
    routes = APIRouter(prefix=session.PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.post("/session")
    async def come_in(arrived: Annotated[tuple[str, str], Depends(door.arrival)]) -> Response:
        """The platform's own page posts here: `token`, and `next`, a path of these pages."""
        token, wanted = arrived
        response = RedirectResponse(own_path(wanted), 303)
        session.keep(response, token, secure=site.secure)
        return response

    @routes.post("/sign-out")
    async def go_out(request: Request, letter: Annotated[FormSubmission, Depends(door.letter)]) -> Response:
        await door.leave(request)
        response = RedirectResponse(site.sign_in_url or session.PATH, 303)
        session.forget(response, secure=site.secure)
        return response

    @routes.get("/assets/{name}")
    async def asset(name: str) -> Response:
        return _file(name)

    @routes.get("/giahan-renew.js")
    async def corner_button() -> Response:
        """For the pages of products: they load it from here, whoever's origin they are of."""
        response = _file("giahan-renew.js")
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    return routes


def not_found_route(site: Site) -> APIRouter:
    """The last of the routes: an address that none of the others is."""
    routes = APIRouter(prefix=session.PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.get("/{rest:path}")
    async def lost(request: Request, rest: str) -> Response:
        """The start's address may have been written down with a slash at its end."""
        if rest:
            raise missing()
        query = request.url.query
        return RedirectResponse(f"{session.PATH}?{query}" if query else session.PATH, 303)

    return routes


def _file(name: str) -> Response:
    file = _ASSETS / name
    if file.suffix not in _TYPES or file.parent != _ASSETS or not file.is_file():
        raise missing()
    return FileResponse(file, media_type=_TYPES[file.suffix], headers=_FRESH)
