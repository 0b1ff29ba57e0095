"""The script of the corner button, which the products' pages load. They may have any origin."""

from fastapi import APIRouter
from starlette.responses import Response

from services.renewal.pages.site import ASSETS, Site
from shared.web.pages.assets import asset_file


def corner_button_routes(site: Site) -> APIRouter:
    routes = APIRouter(prefix=site.root, route_class=site.route_class(), include_in_schema=False)

    @routes.get("/giahan-renew.js")
    async def corner_button() -> Response:
        response = asset_file("giahan-renew.js", ASSETS)
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response

    return routes
