"""The download of a dossier."""

from starlette.responses import StreamingResponse

from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.dossier.service import DossierService, archive_name


def archive_response(
    service: DossierService, facts: DossierFacts, edition: DossierEdition
) -> StreamingResponse:
    headers = {
        "content-disposition": f'attachment; filename="{archive_name(facts.renewal)}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(service.archive(facts, edition), media_type="application/zip", headers=headers)
