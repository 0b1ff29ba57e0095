"""What runs in a worker process for rendering. The service itself never loads the layout engine."""

import os
import resource
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from services.renewal.render.content import Content
from shared.background.workers import WorkFailed

if TYPE_CHECKING:
    from services.renewal.render.page import Pages

_FONTS = Path(__file__).parent / "fonts" / "fonts.conf"
_MEMORY = 1024**3  # address space, bytes; a form needs half of it
_LARGEST = 64 * 1024  # bytes of content; ten times the most that the declaration's rules allow
_LARGEST_SHEET = 512 * 1024  # bytes of HTML; the index of a thousand documents


class Job(BaseModel):
    """A document to render."""

    content: Content


def prepare() -> None:
    """Limits the process's memory and loads the engine, before its first job."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # The engine reads it at import. It must not find the machine's own fonts.
    os.environ["FONTCONFIG_FILE"] = str(_FONTS)
    import_module("services.renewal.render.page")


def render(templates: Path, job: bytes) -> bytes:
    """The PDF. Raises WorkFailed with the class of the error, without its text, which may quote names."""
    if len(job) > _LARGEST:
        raise WorkFailed(f"the content has more than {_LARGEST} bytes")
    try:
        content = Job.model_validate_json(job).content
        return _pages(templates).pdf(content.kind, content)
    except Exception as error:
        raise WorkFailed(type(error).__name__) from None


def lay_out(templates: Path, html: str) -> bytes:
    """The HTML of a sheet as PDF. Raises WorkFailed as `render` does."""
    if len(html.encode()) > _LARGEST_SHEET:
        raise WorkFailed(f"the sheet has more than {_LARGEST_SHEET} bytes")
    try:
        return _pages(templates).sheet(html)
    except Exception as error:
        raise WorkFailed(type(error).__name__) from None


@lru_cache(maxsize=1)
def _pages(templates: Path) -> "Pages":
    from services.renewal.render.page import Pages

    return Pages(templates)
