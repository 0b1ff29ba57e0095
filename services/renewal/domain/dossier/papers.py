"""The papers of a dossier: every document that belongs to one registration, with its place in the archive."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from services.renewal.domain.dossier.signature_report import SignatureReport
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.renewal import DossierDocument, Kind, Renewal
from shared.events.base import DocumentRef

PaperSource = Literal["drawn", "uploaded", "posted", "office_signed", "vendor_sealed", "einvoice", "checked"]
"""How a paper came: drawn by the renewal service, uploaded by the office, scanned from the post, signed by
the office, sealed by the vendor, recorded from the e-invoice system, or made by the check of signatures."""
ReportKind = Literal["form_report", "contract_report"]
REPORTS: dict[str, ReportKind] = {
    "signed_form": "form_report",
    "signed_contract": "contract_report",
    "sealed_contract": "contract_report",
}
"""The validation report on a signed document, by the document's kind."""
INVOICE_FILE: Literal["invoice_file"] = "invoice_file"
PAYMENT_SLIP: Literal["payment_slip"] = "payment_slip"
_SOURCES: dict[Kind, PaperSource] = {
    "form": "drawn",
    "paper_copy": "uploaded",
    "paper_scan": "posted",
    "signed_form": "office_signed",
    "contract": "drawn",
    "signed_contract": "office_signed",
    "contract_scan": "posted",
    "sealed_contract": "vendor_sealed",
}
_ENDS = {
    "application/pdf": "pdf",
    "application/xml": "xml",
    "application/json": "json",
    "image/jpeg": "jpg",
    "image/png": "png",
}


class DossierPaper(Frozen):
    """One document and what it is. `path` is its place in the archive: papers with the same bytes share one.
    `revision` is the form's or the contract's, None for a file of an invoice and a payment order. `void`: it
    no longer counts. `about`: the hash of the document on which a validation report reports."""

    what: Kind | Literal["invoice_file", "payment_slip"] | ReportKind
    revision: int | None
    filed_at: datetime
    void: bool
    source: PaperSource
    document: DocumentRef
    path: str
    about: str | None = None

    @property
    def is_signed_digitally(self) -> bool:
        return self.source in ("office_signed", "vendor_sealed")


def papers_of(
    renewal: Renewal,
    invoice: RequestedInvoice,
    receivable: Receivable,
    reports: Mapping[str, SignatureReport],
) -> tuple[DossierPaper, ...]:
    """All papers in the order of filing, then the invoice's files, the payment orders and the validation
    reports (`reports`, by the signed document's hash). None is left out: void ones are marked."""
    paths: dict[str, str] = {}
    found = []
    filed = list(_documents(renewal))
    reported = _reports(filed, reports)
    for paper in [*filed, *_invoice_files(invoice), *_slips(receivable), *reported]:
        document = paper.document
        name = f"{paper.what}-{paper.revision}" if paper.revision else paper.what
        end = _ENDS.get(document.media_type, "bin")
        path = f"documents/{len(paths) + 1:03}-{name.replace('_', '-')}.{end}"
        found.append(paper.model_copy(update={"path": paths.setdefault(document.sha256, path)}))
    return tuple(found)


def _documents(renewal: Renewal) -> Iterator[DossierPaper]:
    for paper in renewal.dossier:
        yield DossierPaper(
            what=paper.kind,
            revision=paper.revision,
            filed_at=paper.filed_at,
            void=renewal.is_void(paper),
            source=_source(renewal, paper),
            document=paper.document,
            path="",
        )


def _source(renewal: Renewal, paper: DossierDocument) -> PaperSource:
    return "posted" if renewal.is_stamped(paper) else _SOURCES[paper.kind]


def _invoice_files(invoice: RequestedInvoice) -> Iterator[DossierPaper]:
    for issued in invoice.issued:
        for file in issued.files:
            yield DossierPaper(
                what=INVOICE_FILE,
                revision=None,
                filed_at=issued.recorded_at,
                void=False,
                source="einvoice",
                document=file,
                path="",
            )


def _slips(receivable: Receivable) -> Iterator[DossierPaper]:
    for slip in receivable.slips:
        yield DossierPaper(
            what=PAYMENT_SLIP,
            revision=None,
            filed_at=slip.uploaded_at,
            void=False,
            source="uploaded",
            document=slip.document,
            path="",
        )


def _reports(papers: list[DossierPaper], reports: Mapping[str, SignatureReport]) -> Iterator[DossierPaper]:
    for paper in papers:
        report = reports.get(paper.document.sha256)
        if report is None or not paper.is_signed_digitally:
            continue
        for file in report.files:
            yield DossierPaper(
                what=REPORTS[paper.what],
                revision=paper.revision,
                filed_at=report.made_at,
                void=paper.void,
                source="checked",
                document=file,
                path="",
                about=report.document,
            )
