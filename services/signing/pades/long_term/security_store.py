"""The document security store of a PDF: the certificates, OCSP responses and lists by which it is judged."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from services.signing.pades.certificates import CHECKED, revocation_trust
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings

_TOLERANCE = timedelta(minutes=5)
"""Between our clock and the time that a stamp states."""


def add_evidence(
    writer: IncrementalPdfFileWriter, paths: Sequence[ValidationPath], trust: TrustSettings
) -> None:
    """Keep the paths' certificates, the answers, and those of our lists that concern them."""
    anchors = trust.anchors()
    names = {each.subject.hashable for path in paths for each in path.iter_certs(include_root=True)}
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        paths=paths,
        ocsps=anchors.ocsps,
        crls=[each for each in anchors.crls if each.issuer.hashable in names],
    )


def with_evidence(pdf: bytes, paths: Sequence[ValidationPath], trust: TrustSettings) -> bytes:
    """`pdf` with one more revision, which keeps the evidence."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    add_evidence(writer, paths, trust)
    output = BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    return output.getvalue()


def kept_context(reader: PdfFileReader, trust: TrustSettings, moment: datetime) -> ValidationContext:
    """The context for a check by our roots and by what the file holds, nothing else. No certificate may be
    without evidence."""
    return DocumentSecurityStore.read_dss(reader).as_validation_context(
        {
            "trust_roots": list(trust.anchors().roots),
            "moment": moment,
            "revinfo_policy": revocation_trust(CHECKED, fetched=True),
        }
    )


def check_stated_time(stated: datetime, moment: datetime) -> None:
    """Raises Rejected if a time stamp that was just fetched states another time than our clock."""
    if abs(stated - moment) > _TOLERANCE:
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the time stamp is of another time")


def end_of_path(path: ValidationPath) -> datetime:
    """When the first certificate of the path ends. The root doesn't count: we trust it, whatever it says."""
    ends: list[datetime] = [each.not_valid_after for each in path.iter_certs(include_root=False)]
    return min(ends)
