"""The guide's page and its pictures. It needs no sign-in: who can't sign in reads it too."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from services.renewal.guide.chapters import PICTURES, chapters
from services.renewal.pages.site import Site
from services.renewal.pages.urls import PATH
from shared.web.pages.assets import asset_file


def guide_pages(site: Site) -> APIRouter:
    routes = APIRouter(prefix=f"{PATH}/guide", route_class=site.route_class(), include_in_schema=False)
    found = chapters()

    @routes.get("")
    async def guide(request: Request) -> Response:
        return site.page(request, "guide/guide.html", None, {"chapters": found})

    @routes.get("/pictures/{name}")
    async def picture(name: str) -> FileResponse:
        return asset_file(name, PICTURES)

    return routes
