"""The page of the general conditions of contract, open to everybody: the file that forms name and attach."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from services.renewal.render.conditions import ConditionsArchive
from shared.web.pages.guard import not_found

_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "public, max-age=86400, immutable",
    "x-content-type-options": "nosniff",
}


def conditions_pages(site: Site, archive: ConditionsArchive) -> APIRouter:
    routes = APIRouter(prefix=PATH, route_class=site.route_class(), include_in_schema=False)

    @routes.get("/conditions/{line}/{day}")
    async def edition(line: Annotated[str, Path(pattern="^[a-z0-9-]+$")], day: date) -> Response:
        """Exactly the bytes whose SHA-256 a form names."""
        if (found := archive.find(f"{line}/{day}")) is None:
            raise not_found()
        headers = _HEADERS | {"etag": f'"{found.reference.sha256}"'}
        return Response(found.content, media_type="text/html; charset=utf-8", headers=headers)

    return routes
