"""HTTP: the documents of a dossier, by the SHA-256 of their content."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.renewal.office.file_response import file_response, read_document
from services.renewal.rest.requests import refusals, unknown
from services.renewal.stores.renewals import Renewals
from shared.storage.documents import Documents
from shared.web.people import Person, TokenVerifier, require_person


def document_routes(renewals: Renewals, documents: Documents, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1")
    anyone = Depends(require_person(verifier))

    @routes.get("/documents/{sha256}")
    async def document(
        sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], who: Annotated[Person, anyone]
    ) -> Response:
        """The document, for a person who may see a renewal with the document in its dossier."""
        for stored in await renewals.with_document(sha256):
            if who.may_see(stored.state.registration.office_ref):
                with refusals():
                    return file_response(stored.state, sha256, await read_document(documents, sha256))
        raise unknown()

    return routes
