"""The download of a dossier, and of one report on signatures in it."""

from starlette.responses import Response, StreamingResponse

from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.papers import DossierPaper
from services.renewal.dossier.service import DossierService, archive_name

ARCHIVE_COST, REPORT_COST = 3, 1
"""In writes: a download reads every document and draws the index; a report needs the list of the papers."""
_PDF, _JSON = "application/pdf", "application/json"


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
    """Under a name and a type of our own: those of the paper came with an event."""
    end, media_type = ("pdf", _PDF) if paper.document.media_type == _PDF else ("json", _JSON)
    headers = {
        "content-disposition": f'attachment; filename="bao-cao-kiem-tra-chu-ky-so.{end}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=media_type, headers=headers)
