"""A validation report on a PDF of 1 MB against bare pyHanko's validation of its signature.

Ours runs in a worker process, to which the file is handed over. It also finds the source about revocation,
judges and writes the report as JSON. Where authorities are asked about revocation, the file is looked at once
more; and for an uploaded file the service looks where it comes from: both are not in it. Bare pyHanko opens
the file and validates in this process.
"""

import os
import warnings
from hashlib import sha256
from io import BytesIO

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
from weasyprint import HTML, Attachment

from services.signing.domain.report.report import ValidationReport, judge_all
from services.signing.domain.report.verdict import Indication
from services.signing.pades.certificates import CHECKED, validation_context
from services.signing.pades.inspection.inspector import Inspector
from services.signing.pades.trust import TrustSettings
from services.signing.reports.views import report_view
from shared.time.clock import Clock
from tests.services.signing.paper import with_fields

SIZE = 1024**2


def large_form(field: str) -> bytes:
    """A page with an empty signature field, and an attachment that makes the file a megabyte."""
    with warnings.catch_warnings(
        action="ignore", category=ResourceWarning
    ):  # WeasyPrint's profile stays open
        page = HTML(string="<html lang=vi><title>T</title><p>1 MB").write_pdf(
            pdf_variant="pdf/a-3b", attachments=[Attachment(string=os.urandom(SIZE), name="a.bin")]
        )
    return with_fields(page, (field,))


async def report(inspector: Inspector, pdf: bytes, clock: Clock) -> str:
    """The report as JSON."""
    found = await inspector.inspect(pdf, clock.now())
    made = ValidationReport(
        sha256=sha256(pdf).hexdigest(),
        size=len(pdf),
        pages=found.pages,
        judged_at=found.moment,
        made_at=clock.now(),
        signatures=judge_all(found.signatures),
        time_stamps=found.time_stamps,
    )
    assert made.indication is Indication.TOTAL_PASSED
    return report_view(made).model_dump_json()


async def validate(pdf: bytes, trust: TrustSettings, clock: Clock) -> None:
    """By pyHanko alone, revocation required."""
    [embedded] = PdfFileReader(BytesIO(pdf)).embedded_signatures
    context = validation_context(trust, clock.now(), CHECKED)
    assert (await async_validate_pdf_signature(embedded, context)).bottom_line
