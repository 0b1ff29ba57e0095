"""Routes for reading the received mail: JSON under /v1/mail, pages under /mail."""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from deploy.local.mail.mailbox import Mailbox
from deploy.local.web.templates import templates

# A letter's HTML is untrusted: no scripts, no network.
_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def router(mailbox: Mailbox) -> APIRouter:
    routes = APIRouter()

    @routes.get("/v1/mail")
    async def letters(to: str = "") -> list[dict[str, Any]]:
        """All letters, oldest first; with `to`, those for one recipient."""
        return [asdict(letter) for letter in mailbox.letters(to)]

    @routes.get("/v1/mail/{id}")
    async def letter(id: str) -> dict[str, Any]:
        return asdict(mailbox.letter(id))

    @routes.get("/mail", response_class=HTMLResponse)
    async def mail_page(request: Request, to: str = "") -> Response:
        newest_first = mailbox.letters(to)[::-1]
        return templates.TemplateResponse(request, "mail.html", {"letters": newest_first, "to": to})

    @routes.get("/mail/{id}", response_class=HTMLResponse)
    async def letter_page(request: Request, id: str) -> Response:
        return templates.TemplateResponse(request, "letter.html", {"letter": mailbox.letter(id)})

    @routes.get("/mail/{id}/body", response_class=HTMLResponse)
    async def body(id: str) -> HTMLResponse:
        return HTMLResponse(mailbox.letter(id).html, headers={"content-security-policy": _SANDBOX})

    @routes.get("/mail/{id}/source", response_class=Response)
    async def source(id: str) -> Response:
        headers = {"x-content-type-options": "nosniff"}
        return Response(mailbox.source(id), media_type="text/plain", headers=headers)

    @routes.get("/mail/{id}/attachments/{number}", response_class=Response)
    async def attachment(id: str, number: int) -> Response:
        part, data = mailbox.attachment(id, number)
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(part.name)}"}
        return Response(data, media_type=part.media_type, headers=headers)

    return routes
