"""The download of a payment order that an office uploaded."""

from urllib.parse import quote

from starlette.responses import Response

from shared.events.base import DocumentRef


def slip_response(document: DocumentRef, data: bytes) -> Response:
    headers = {
        "content-disposition": f"inline; filename*=UTF-8''{quote(document.name)}",
        "etag": f'"{document.sha256}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=document.media_type, headers=headers)
