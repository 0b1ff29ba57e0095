"""The download of a document from a registration's dossier."""

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from urllib.parse import quote

from starlette.responses import Response

from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import DossierDocument, Renewal
from shared.resilience.errors import MissingDocument
from shared.storage.documents import Documents

_SIGNED = "-da-ky"
_NO_MORE: Mapping[str, str] = MappingProxyType({})


def file_response(renewal: Renewal, sha256: str, data: bytes, more: Mapping[str, str] = _NO_MORE) -> Response:
    """The document with this hash, `data`. `more` are further headers. The first document with the hash
    counts: a scan that was accepted is in the dossier once more, as the signed form."""
    paper = next(paper for paper in renewal.dossier if paper.document.sha256 == sha256)
    headers = {
        "content-disposition": f"inline; filename*=UTF-8''{quote(download_name(paper))}",
        "etag": f'"{sha256}"',
        "cache-control": "private, max-age=86400, immutable",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=paper.document.media_type, headers={**headers, **more})


async def read_document(documents: Documents, sha256: str) -> bytes:
    """Raises RenewalError where the bytes are gone: they were deleted after their time, or are damaged."""
    try:
        return await documents.get(sha256)
    except MissingDocument:
        raise RenewalError("document-gone") from None


def download_name(paper: DossierDocument) -> str:
    """The name of the file. A file that was signed digitally has the name of the unsigned one, marked."""
    name = PurePath(paper.document.name)
    if paper.kind not in ("signed_form", "signed_contract", "sealed_contract") or name.stem.endswith(_SIGNED):
        return name.name
    return f"{name.stem}{_SIGNED}{name.suffix}"
