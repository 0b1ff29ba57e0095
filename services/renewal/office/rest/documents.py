"""HTTP: the documents of a dossier, by the SHA-256 of their content."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Response

from services.renewal.domain.renewal import Renewal
from services.renewal.rest.requests import unknown
from services.renewal.store import Renewals
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
                return _file(stored.state, sha256, await documents.get(sha256))
        raise unknown()

    return routes


def _file(renewal: Renewal, sha256: str, data: bytes) -> Response:
    ref = next(paper.document for paper in renewal.dossier if paper.document.sha256 == sha256)
    headers = {
        "content-disposition": f"inline; filename*=UTF-8''{quote(ref.name)}",
        "etag": f'"{sha256}"',
        "cache-control": "private, max-age=86400, immutable",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=ref.media_type, headers=headers)
