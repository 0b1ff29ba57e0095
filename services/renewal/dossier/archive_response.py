"""The download of a dossier, and of one report on signatures in it."""

from starlette.responses import Response, StreamingResponse

from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.papers import DossierPaper
from services.renewal.dossier.service import DossierService, archive_name

ARCHIVE_COST = 3
"""In writes: a download reads every document and draws the index."""


def archive_response(
    service: DossierService, facts: DossierFacts, edition: DossierEdition
) -> StreamingResponse:
    headers = {
        "content-disposition": f'attachment; filename="{archive_name(facts.renewal)}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(service.archive(facts, edition), media_type="application/zip", headers=headers)


def report_response(paper: DossierPaper, data: bytes) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{paper.document.name}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=paper.document.media_type, headers=headers)
