"""What a page that WeasyPrint lays out may load: the font, and parts that are handed in."""

from collections.abc import Mapping
from pathlib import Path

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

Part = tuple[bytes, str]
"""Content and media type."""

_FONT = (Path(__file__).parent / "fonts" / "LiberationSerif-Regular.ttf").resolve(strict=True)


def font() -> Part:
    return _FONT.read_bytes(), "font/ttf"


class PartFetcher(URLFetcher):  # type: ignore[misc]
    """Returns the parts by their URL, and refuses everything else."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        super().__init__()
        self._parts = parts

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url not in self._parts:
            raise FatalURLFetchingError("a page fetches nothing but its own parts")
        content, kind = self._parts[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})
