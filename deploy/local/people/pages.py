"""The platform's side of the sign-in: its key set, tokens, and a page for choosing a person.

The browser then posts the token to the office's pages together with the page to open next, as a real platform
does it.
"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from deploy.local.host.ports import Ports
from deploy.local.people.people import People
from deploy.local.web.templates import templates


def router(people: People, ports: Ports) -> APIRouter:
    routes = APIRouter(prefix="/people")

    @routes.get("/jwks.json")
    async def jwks() -> dict[str, object]:
        return people.jwks()

    @routes.post("/{id}/token")
    async def token(id: str) -> dict[str, str]:
        """A token for `desk`, `desk-2`, `ops`, `ops-2`, `renewer-OFFICE_REF` or `member-OFFICE_REF`."""
        return {"token": people.token(people.find(id)), "token_type": "Bearer"}

    @routes.get("", response_class=HTMLResponse)
    async def people_page(request: Request, next: str = "", office: str = "") -> Response:
        shown = {"people": people.seeded(office), "next": next, "office": office}
        return templates.TemplateResponse(request, "people.html", shown)

    @routes.post("/{id}", response_class=HTMLResponse)
    async def become(request: Request, id: str, next: str = "") -> Response:
        person = people.find(id)
        session = "/signing/session" if next.startswith("/signing") else "/renewal/session"
        shown = {"person": person, "token": people.token(person), "ports": ports, "next": next}
        shown["session"] = session
        return templates.TemplateResponse(request, "person.html", shown)

    return routes
