"""The answer that is a document of an office, shown by its browser, kept by nobody else."""

from urllib.parse import quote

from starlette.responses import Response

from shared.events.base import DocumentRef

PRIVATE = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"}


def file_response(document: DocumentRef, content: bytes) -> Response:
    named = {"content-disposition": f"inline; filename*=UTF-8''{quote(document.name)}"}
    return Response(content, media_type=document.media_type, headers=PRIVATE | named)
