"""Lays out small pages with WeasyPrint. Loading it takes a second of CPU: only worker processes do."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from services.signing.pades.stamp.layout import Part
from shared.background.workers import WorkFailed

_FONT = (Path(__file__).parent / "fonts" / "LiberationSerif-Regular.ttf").resolve(strict=True)
_FACE = "@font-face { font-family: signing; src: url(part:font) }"


def write_page(html: str, parts: Mapping[str, Part], variant: str | None) -> bytes:
    fonts, style = _style()
    page = HTML(string=html, url_fetcher=_PartFetcher(parts))
    try:
        pdf: bytes = page.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=variant)
    except FatalURLFetchingError as error:  # it is a BaseException, which would end the process
        raise WorkFailed("a page loads nothing but its own parts") from error
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
            raise FatalURLFetchingError(url)
        content, kind = self._parts[url]
        return URLFetcherResponse(url, content, {"Content-Type": kind})
