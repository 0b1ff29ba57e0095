"""Renders a content to PDF/A-3b, in this process. It is slow and not thread-safe: `worker` runs it."""

from datetime import UTC, datetime, time
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML, Attachment, Document, Page
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from services.renewal.render.conditions import ConditionsArchive, ConditionsEdition
from services.renewal.render.content import Content, FormContent
from services.renewal.render.fetcher import ClosedFetcher, ReachesOut
from services.renewal.render.fields import Box, with_fields
from services.renewal.render.in_force import in_force
from services.renewal.render.wording import FILTERS
from shared.events.renewal import Conditions

_PX = 0.75  # points in a CSS pixel
_FIELD = "sign-"  # an element whose id begins so is the place of a signature field


class FieldsDiffer(Exception):
    """A template's signature fields aren't those that signing expects."""


class ConditionsDiffer(Exception):
    """The conditions that a registration names are missing, or have other bytes than when it named them."""


class Pages:
    """Renders documents. It reads templates, style and fonts once per process, because that takes two thirds
    of a rendering's time."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates
        self._environment = Environment(
            loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined
        )
        self._environment.filters |= FILTERS
        self._fetcher = ClosedFetcher()
        self._archive = ConditionsArchive(templates)
        self._fonts = FontConfiguration()
        style = (templates / "document.css").read_text(encoding="utf-8")
        self._style = CSS(string=style, font_config=self._fonts, url_fetcher=self._fetcher)

    def pdf(self, kind: str, content: Content) -> bytes:
        template = self._environment.get_template(
            in_force(self._templates, content.registration.line, kind, content.day)
        )
        conditions = self._conditions(content.conditions)
        html = HTML(string=template.render(content=content, conditions=conditions), url_fetcher=self._fetcher)
        attached = [self._attachment(conditions)] if conditions and isinstance(content, FormContent) else []
        try:
            document = html.render(stylesheets=[self._style], font_config=self._fonts)
            pdf = document.write_pdf(pdf_variant="pdf/a-3b", attachments=attached)
        except FatalURLFetchingError as error:  # it is a BaseException, which would end the process
            raise ReachesOut(kind) from error
        places = _places(document)
        if set(places) != content.fields:
            raise FieldsDiffer(f"a {kind} needs {content.fields}, this one has {set(places) or 'none'}")
        return with_fields(pdf, places) if places else pdf

    def sheet(self, html: str) -> bytes:
        """A page without signature fields, from its whole HTML. It isn't compressed: a program finds what its
        description says without a PDF reader."""
        try:
            document = HTML(string=html, url_fetcher=self._fetcher).render(
                stylesheets=[self._style], font_config=self._fonts
            )
            pdf: bytes = document.write_pdf(pdf_variant="pdf/a-3b", uncompressed_pdf=True)
        except FatalURLFetchingError as error:  # it is a BaseException, which would end the process
            raise ReachesOut("sheet") from error
        return pdf

    def _conditions(self, named: Conditions | None) -> ConditionsEdition | None:
        """The edition that the registration names. Raises ConditionsDiffer where its file is gone, or has
        other bytes."""
        if named is None:
            return None
        found = self._archive.find(named.edition)
        if found is None or found.reference != named:
            raise ConditionsDiffer(named.edition)
        return found

    def _attachment(self, edition: ConditionsEdition) -> Attachment:
        since = datetime.combine(edition.since, time(), tzinfo=UTC)
        return Attachment(
            string=edition.content,
            url_fetcher=self._fetcher,
            name=f"dieu-khoan-chung-{edition.since}.html",
            description="Điều khoản chung của hợp đồng",
            created=since,
            modified=since,
            relationship="Supplement",
        )


def _places(document: Document) -> dict[str, tuple[int, Box]]:
    """The place of each signature field in the layout: page, and box in points from the page's lower left."""

    def box(page: Page, x1: float, y1: float, x2: float, y2: float) -> Box:
        left, right = round(x1 * _PX), round(x2 * _PX)
        return left, round((page.height - y2) * _PX), right, round((page.height - y1) * _PX)

    return {
        anchor.removeprefix(_FIELD): (number, box(page, *corners))
        for number, page in enumerate(document.pages)
        for anchor, corners in page.anchors.items()
        if anchor.startswith(_FIELD)
    }
