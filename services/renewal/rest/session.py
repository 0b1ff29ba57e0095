"""HTTP: when a person signs out at the platform, the platform ends the session here too."""

from fastapi import APIRouter, Request

from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.people import bearer


def session_routes(verifier: SessionVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/session")

    @routes.delete("", status_code=204)
    async def end(request: Request) -> None:
        """Ends the session of this request's token, for HTTP and for the pages. A repeat changes nothing."""
        await verifier.end(bearer(request))

    return routes
