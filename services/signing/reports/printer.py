"""Prints a report as PDF/A-3b, in Vietnamese or English."""

from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.responses import Response

from services.signing.domain.report.report import ValidationReport
from services.signing.pades.stamp.layout import lay_out
from services.signing.reports.views import TEMPLATES, template_values
from shared.background.workers import Workers
from shared.text.i18n import Language

PDF = "application/pdf"
PRIVATE = {"cache-control": "private, no-store"}
_TEMPLATES = Environment(
    loader=PrefixLoader({"reports": FileSystemLoader(TEMPLATES)}),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class ReportPrinter:
    """`zone` is the IANA zone of the times. The layout runs in a worker process."""

    workers: Workers
    zone: str

    async def print(self, report: ValidationReport, language: Language, kind: str = "") -> bytes:
        """`kind` is `form` or `contract` for a document of ours. Raises WorkFailed."""
        values = template_values(report, language, kind)
        html = _TEMPLATES.get_template("reports/print.html").render(zone=self.zone, **values)
        return await self.workers.run(lay_out, html, variant="pdf/a-3b")


def pdf_response(pdf: bytes) -> Response:
    """The report as a file to save."""
    named = {"content-disposition": 'attachment; filename="bao-cao-kiem-tra-chu-ky-so.pdf"'}
    return Response(pdf, media_type=PDF, headers={**PRIVATE, "x-content-type-options": "nosniff", **named})
