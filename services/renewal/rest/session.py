"""HTTP: a person signs out at the platform, which ends the session here too."""

from fastapi import APIRouter, Request

from services.renewal.sessions import SessionKeys
from shared.web.people import bearer


def session_routes(keys: SessionKeys) -> APIRouter:
    routes = APIRouter(prefix="/v1/session")

    @routes.delete("", status_code=204)
    async def end(request: Request) -> None:
        """The token of this request counts no more, here and on the pages. Repeated, it changes nothing."""
        await keys.end(bearer(request))

    return routes
