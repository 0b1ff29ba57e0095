"""Lays out small pages: the stamp of a signature, a report."""

from collections.abc import Mapping
from types import MappingProxyType

Part = tuple[bytes, str]
"""Content and media type."""

_NONE: Mapping[str, Part] = MappingProxyType({})


def lay_out(html: str, parts: Mapping[str, Part] = _NONE, *, variant: str | None = None) -> bytes:
    """The page as a PDF of that variant (`pdf/a-3b`). Its font is `signing`; it may load the parts, by their
    URL, and nothing else: raises WorkFailed.

    Only for one thread of a worker process: the engine's fonts can't be shared.
    """
    from services.signing.pades.stamp.engine import write_page

    return write_page(html, parts, variant)
