"""The tool that checks a dossier, as one file to download. `python -m tools.dossier.package` makes it."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.responses import FileResponse

TOOL = Path(__file__).parent / "tool" / "kiem-tra-ho-so.pyz"


@cache
def tool_digest() -> str:
    return sha256(TOOL.read_bytes()).hexdigest()


def tool_response() -> FileResponse:
    headers = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}
    return FileResponse(TOOL, media_type="application/octet-stream", filename=TOOL.name, headers=headers)
