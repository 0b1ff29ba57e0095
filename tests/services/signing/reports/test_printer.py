"""The report as a PDF."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from services.signing.domain.report.document import ReportedDocument
from services.signing.domain.report.facts import (
    Revocation,
    RevocationSource,
    SignatureFacts,
    SignerCertificate,
    TimeStampFacts,
)
from services.signing.domain.report.report import Origin, ValidationReport, judge_all
from services.signing.pades.worker_tasks import configure_worker
from services.signing.reports.printer import ReportPrinter
from services.signing.texts import CAUTIONS
from shared.background.workers import Workers
from shared.text.i18n import Language
from tests.support.verapdf import verdicts

AT = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
STAMP = TimeStampFacts(time=AT, authority="TSA", valid=True)
OWN = SignerCertificate(
    holder="Sở Tài chính tỉnh Hà Giang <&>",
    authority="VNPT-CA",
    serial="1f",
    fingerprint="ab" * 32,
    valid_from=AT - YEAR,
    valid_to=AT + YEAR,
    tax_codes=("0101243150-001", "0100686209"),
    budget_codes=("1047665",),
    personal_codes=("001082000001",),
    scheme="public_bodies",
)
SOURCE = RevocationSource(kind="ocsp", place="file", made_at=AT)
GOOD = SignatureFacts(
    field="office",
    certificate=OWN,
    intact=True,
    genuine=True,
    coverage="file",
    chain="trusted",
    old_padding=True,
    revocation=Revocation(status="good", source=SOURCE),
    existed_at=AT,
    stated_at=AT,
    time_stamp=STAMP,
    level="PAdES-BASELINE-LT",
)
REVOKED = Revocation(
    status="revoked", revoked_at=AT - YEAR, source=SOURCE.model_copy(update={"made_at": None})
)
SIGNATURES = (
    GOOD,
    GOOD.model_copy(update={"revocation": REVOKED, "time_stamp": None, "intact": False}),
    GOOD.model_copy(update={"revocation": REVOKED.model_copy(update={"of_authority": True})}),
    SignatureFacts(field="broken", readable=False),
)

FORM = ReportedDocument(
    kind="form", registration_no="GH-0001", office_ref="hagiang-stc", tax_code="0101243150-001"
)
CONTRACT = FORM.model_copy(update={"kind": "contract", "contract_number": "1/2026/HĐ-GH"})


def report(signatures: tuple[SignatureFacts, ...] = SIGNATURES) -> ValidationReport:
    return ValidationReport(
        sha256="cd" * 32,
        size=1,
        pages=1,
        judged_at=AT,
        made_at=AT,
        signatures=judge_all(signatures),
        time_stamps=(STAMP.model_copy(update={"document": True, "valid": False}),),
        origin=Origin(status="changed", number="GH-0001", reason="file_changed"),
    )


@pytest.fixture(scope="module")
async def printer() -> AsyncIterator[ReportPrinter]:
    workers = Workers(1, limit=60, prepare=configure_worker)
    yield ReportPrinter(workers, "Asia/Ho_Chi_Minh")
    await workers.close()


def text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize(("language", "codes"), [("vi", "Mã số thuế"), ("en", "Tax code")])
async def test_all_findings_are_printed(printer: ReportPrinter, language: Language, codes: str) -> None:
    printed = text(await printer.print(report(), language))
    assert CAUTIONS["old_padding"].pick(language) in printed
    for said in (codes, "Sở Tài chính tỉnh Hà Giang <&>", "0101243150-001, 0100686209", "VNPT-CA", "OCSP"):
        assert said in printed
    for verdict in ("TOTAL_PASSED", "TOTAL_FAILED HASH_FAILURE", "INDETERMINATE REVOKED_CA_NO_POE"):
        assert verdict in printed
    assert "{" not in printed


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (FORM, ("Phiếu của đăng ký số GH-0001", "Đơn vị hagiang-stc", "mã số thuế 0101243150-001")),
        (CONTRACT, ("Hợp đồng số 1/2026/HĐ-GH", "Đăng ký số GH-0001", "Đơn vị hagiang-stc")),
    ],
)
async def test_document_of_ours_is_named_with_its_office(
    printer: ReportPrinter, document: ReportedDocument, said: tuple[str, ...]
) -> None:
    printed = text(await printer.print(report().about(document), "vi", document.kind))
    assert [words for words in said if words not in printed] == []


@pytest.mark.parametrize(
    ("codes", "field", "said"),
    [
        ((), "office", "Chứng thư số không mang mã của đơn vị."),
        (("0100686209",), "office", "Chứng thư số mang mã của đơn vị khác."),
        (("0101243150001",), "office", ""),
        ((), "vendor", ""),
    ],
)
async def test_certificate_without_the_offices_code_is_named_beside_the_verdict(
    printer: ReportPrinter, codes: tuple[str, ...], field: str, said: str
) -> None:
    own = OWN.model_copy(update={"tax_codes": codes, "budget_codes": ()})
    about = report((GOOD.model_copy(update={"certificate": own, "field": field}),)).about(FORM)
    printed = text(await printer.print(about, "vi", "form"))
    assert "TOTAL_PASSED" in printed
    assert printed.count(said or "Chứng thư số không mang") == (2 if said else 0)


async def test_file_without_a_signature(printer: ReportPrinter) -> None:
    assert "NO_SIGNATURE_FOUND" in text(await printer.print(report(()), "vi", "contract"))


async def test_report_is_pdf_a(printer: ReportPrinter, tmp_path: Path) -> None:
    files = [tmp_path / f"{language}.pdf" for language in ("vi", "en")]
    files[0].write_bytes(await printer.print(report(), "vi"))
    files[1].write_bytes(await printer.print(report(), "en"))
    found = verdicts(files)
    assert {name: result["compliant"] for name, result in found.items()} == {"vi.pdf": True, "en.pdf": True}
