"""The static files of the pages: styles, scripts and pictures, the shell's and a service's own."""

from contextlib import suppress
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from shared.web.pages.guard import not_found
from shared.web.pages.shell import Shell

_SHELL = Path(__file__).parent / "assets"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
_FRESH = {"cache-control": "public, max-age=300", "x-content-type-options": "nosniff"}


def asset_routes(shell: Shell, folder: Path) -> APIRouter:
    """`folder` has the service's own files."""
    routes = APIRouter(prefix=shell.root, route_class=shell.route_class(), include_in_schema=False)

    @routes.get("/assets/{name}")
    async def asset(name: str) -> FileResponse:
        return asset_file(name, folder, _SHELL)

    return routes


def asset_file(name: str, *folders: Path) -> FileResponse:
    """The file of that name in the first folder that has it. Raises a 404 problem."""
    for folder in folders:
        file = folder / name
        with suppress(OSError):  # a name that no file can have
            if file.suffix in _TYPES and file.parent == folder and file.is_file():
                return FileResponse(file, media_type=_TYPES[file.suffix], headers=_FRESH)
    raise not_found()
