"""HTTP for signing programs that fetch the document and return the signed file (VGCA Sign Service).

The answers have the fields that this program expects. A refused file changes nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.signing.domain.attempt import Signable
from services.signing.domain.attempt_steps import require_seen
from services.signing.domain.refusal import RefusalReason, SigningError
from services.signing.signatures.refusals import as_problems
from services.signing.signatures.service import SigningService
from services.signing.signatures.transfers import Kind, Transfer, Transfers
from shared.events.base import Sha256
from shared.text.i18n import Text
from shared.web.pages.ended_sessions import SessionVerifier
from shared.web.pages.guard import not_found
from shared.web.pages.session import token_of
from shared.web.people import Person, Role
from shared.web.problems import Problem


class UploadAnswer(BaseModel):
    """The names are the program's. `Message` is in Vietnamese: the program shows it."""

    Status: bool
    Message: str = ""
    FileName: str = ""
    FileServer: str = ""


class TransferBody(BaseModel):
    """`document` is the SHA-256 of the document that the page shows."""

    document: Sha256 | None = None


class TransferView(BaseModel):
    """Paths of this host: where the program fetches the document, and where it returns the signed file."""

    document: str
    upload: str


def opening_route(
    root: str,
    api: str,
    transfers: Transfers,
    signing: Mapping[Kind, SigningService[Any]],
    verifier: SessionVerifier,
    renewer: Callable[..., Awaitable[Person]],
) -> APIRouter:
    """For the page's script: `renewer` is the dependency that gives the visitor."""
    routes = APIRouter(prefix=api, include_in_schema=False)

    async def open_transfer(kind: Kind, found: Signable, token: str, seen: Sha256 | None) -> TransferView:
        require_seen(found, seen)
        subject, session = found.subject, await verifier.describe(token)
        secret = await transfers.open(subject.renewal_id, kind, subject.document.sha256, session)
        here = f"{root}/transfers/{secret}"
        return TransferView(document=f"{here}/{kind}.pdf", upload=here)

    @routes.post("/{kind}s/{renewal}/transfers", status_code=201)
    async def begin(
        request: Request,
        kind: Kind,
        renewal: UUID,
        who: Annotated[Person, Depends(renewer)],
        body: TransferBody | None = None,
    ) -> TransferView:
        found = await signing[kind].store.get(renewal)
        if found is None or not who.belongs_to(found.subject.office_ref):
            raise not_found()
        seen = body.document if body else None
        return await as_problems(open_transfer(kind, found, token_of(request), seen))

    return routes


def transfer_routes(
    root: str,
    transfers: Transfers,
    signing: Mapping[Kind, SigningService[Any]],
    verifier: SessionVerifier,
    no_file: Text,
) -> APIRouter:
    routes = APIRouter(prefix=f"{root}/transfers", include_in_schema=False)

    async def find(secret: str, *, uploads: bool = False) -> tuple[Transfer, Any]:
        """Raises a 404 problem for an address that was never given out, has expired or is used up, or whose
        visitor signed out or may no longer sign."""
        transfer = await (transfers.use(secret) if uploads else transfers.find(secret))
        signable = await signing[transfer.kind].store.get(transfer.renewal_id) if transfer else None
        if transfer is None or signable is None:
            raise not_found()
        await _require_right(transfer, signable, verifier)
        return transfer, signable

    @routes.get("/{secret}/{name}")
    async def fetch(secret: str, name: str) -> Response:
        """The issued document; `name` is only for the program's window."""
        transfer, signable = await find(secret)
        await as_problems(_hold_to(transfer, signable))
        document = signable.subject.document
        data = await signing[transfer.kind].documents.get(document.sha256)
        named = {"content-disposition": f"attachment; filename*=UTF-8''{quote(document.name)}"}
        return Response(data, media_type=document.media_type, headers={"cache-control": "no-store", **named})

    @routes.post("/{secret}")
    async def receive(secret: str, request: Request) -> UploadAnswer:
        """Takes the signed file, in whatever field of the form."""
        transfer, signable = await find(secret, uploads=True)
        async with request.form(max_files=1, max_fields=20) as form:
            files = [value for value in form.values() if isinstance(value, UploadFile)]
            content = await files[0].read() if files else b""
        if not content:
            return UploadAnswer(Status=False, Message=no_file.vi)
        try:
            await as_problems(_hold_to(transfer, signable))
            await as_problems(signing[transfer.kind].upload(signable, content))
        except Problem as refused:
            return UploadAnswer(Status=False, Message=refused.title.vi)
        return UploadAnswer(Status=True, FileName=signable.subject.document.name)

    return routes


async def _require_right(transfer: Transfer, signable: Signable, verifier: SessionVerifier) -> None:
    """Raises a 404 problem if the visitor signed out, or may no longer sign."""
    if transfer.session is None:
        return
    who = await verifier.find_person(transfer.session)
    if who is None or Role.RENEWER not in who.roles or not who.belongs_to(signable.subject.office_ref):
        raise not_found()


async def _hold_to(transfer: Transfer, signable: Signable) -> None:
    """Raises SigningError if the document is no longer the one for which the address was given out."""
    if transfer.document not in (None, signable.subject.document.sha256):
        raise SigningError(RefusalReason.FORM_CHANGED)
