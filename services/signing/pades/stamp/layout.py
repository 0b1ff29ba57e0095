"""Lays out small pages with WeasyPrint: the stamp of a signature, a report."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

Part = tuple[bytes, str]
"""Content and media type."""

_FONT = (Path(__file__).parent / "fonts" / "LiberationSerif-Regular.ttf").resolve(strict=True)
_FACE = "@font-face { font-family: signing; src: url(part:font) }"
_NONE: Mapping[str, Part] = MappingProxyType({})


def lay_out(html: str, parts: Mapping[str, Part] = _NONE, *, variant: str | None = None) -> bytes:
    """The page as a PDF of that variant (`pdf/a-3b`). Its font is `signing`; it may load the parts, by their
    URL, and nothing else: raises FatalURLFetchingError, which is a BaseException.

    Only for one thread of a process: WeasyPrint's fonts can't be shared.
    """
    fonts, style = _style()
    page = HTML(string=html, url_fetcher=_PartFetcher(parts))
    pdf: bytes = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=variant)
    return pdf


@cache
def _style() -> tuple[FontConfiguration, CSS]:
    """The font, loaded once: each time that it is loaded takes memory that is never given back."""
    fonts, fetcher = FontConfiguration(), _PartFetcher({"part:font": (_FONT.read_bytes(), "font/ttf")})
    return fonts, CSS(string=_FACE, font_config=fonts, url_fetcher=fetcher)


class _PartFetcher(URLFetcher):  # type: ignore[misc]
    """Returns the parts by their URL, and refuses everything else."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        super().__init__()
        self._parts = parts

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url not in self._parts:
            raise FatalURLFetchingError("a page loads nothing but its own parts")
        content, kind = self._parts[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})
