"""The download of an invoice's file."""

from urllib.parse import quote

from starlette.responses import Response

from shared.events.base import DocumentRef


def invoice_file_response(file: DocumentRef, data: bytes) -> Response:
    """For download only: another system made the file, so the browser never opens it as a page of ours."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "etag": f'"{file.sha256}"',
        "cache-control": "private, max-age=86400, immutable",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=file.media_type, headers=headers)
