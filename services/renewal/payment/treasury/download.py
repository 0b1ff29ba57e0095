"""The download of a paper, drawn at this moment."""

from urllib.parse import quote

from starlette.responses import Response

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from services.renewal.payment.treasury.texts import file_name


def paper_response(paper: TreasuryPaper, number: str, data: bytes) -> Response:
    headers = {
        "content-disposition": f"inline; filename*=UTF-8''{quote(file_name(paper, number))}",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type="application/pdf", headers=headers)
