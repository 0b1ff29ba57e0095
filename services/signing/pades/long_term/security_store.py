"""The document security store of a PDF: the certificates, OCSP responses and lists by which it is judged."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfDecodeLimitError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from services.signing.pades.certificates import CHECKED, validation_context
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.revocation.answers import RevocationAnswer
from services.signing.pades.tolerance.usability import check_certificate, check_list, check_response
from services.signing.pades.trust import TrustSettings

IN_FILE = "file"
"""The source of answers that stand in a store."""
_MOST = 100
"""Entries of each kind that others may have put into a file. A report reads twice as many."""
_TOLERANCE = timedelta(minutes=5)
"""Between our clock and the time that a stamp states."""
_KINDS: dict[str, tuple[Any, DecodePurpose, Callable[[Any], None]]] = {
    "/Certs": (x509.Certificate, DecodePurpose.CERTIFICATE, check_certificate),
    "/OCSPs": (ocsp.OCSPResponse, DecodePurpose.OCSP_RESPONSE, check_response),
    "/CRLs": (crl.CertificateList, DecodePurpose.CRL, check_list),
}


def check_store(reader: PdfFileReader) -> None:
    """Raises Rejected if the file has a store that can't be read or used, or a crowded one: who signs or
    proves the file later must add to it."""
    try:
        if any(len(_entries(reader, key)) > _MOST for key in _KINDS):
            raise Rejected(InvalidityReason.FILE_TOO_COMPLEX, "a crowded security store")
        DocumentSecurityStore.read_dss(reader)
        for key in _KINDS:
            for entry in _entries(reader, key):
                _read(entry, key)
    except NoDSSFoundError:
        return
    except (Rejected, PdfDecodeLimitError, MemoryError):
        raise
    except Exception as error:  # damaged content makes asn1crypto and pyHanko raise nearly anything
        raise Rejected(InvalidityReason.FILE_EVIDENCE_DAMAGED, type(error).__name__) from error


def read_kept(reader: PdfFileReader, key: str, most: int | None = None) -> list[bytes]:
    """The last entries of one kind, in DER: who signs later adds behind. One that can't be used is left out:
    it proves nothing."""
    found = _entries(reader, key)
    read = (_read_usable(entry, key) for entry in (found[-most:] if most else found))
    return [each for each in read if each is not None]


def kept_answers(reader: PdfFileReader, most: int | None = None) -> tuple[RevocationAnswer, ...]:
    """What the store says about revocation: the last responses and the last lists."""
    return (
        *(RevocationAnswer("ocsp", IN_FILE, each) for each in read_kept(reader, "/OCSPs", most)),
        *(RevocationAnswer("crl", IN_FILE, each) for each in read_kept(reader, "/CRLs", most)),
    )


def _entries(reader: PdfFileReader, key: str) -> list[Any]:
    if "/DSS" not in reader.root:
        return []
    store = reader.root["/DSS"]
    found = store[key] if isinstance(store, dict) and key in store else None
    return list(found) if isinstance(found, list) else []


def _read_usable(entry: Any, key: str) -> bytes | None:
    try:
        return _read(entry, key)
    except (PdfDecodeLimitError, MemoryError):
        raise
    except Exception:  # as above
        return None


def _read(entry: Any, key: str) -> bytes:
    """The entry in DER. Raises nearly anything for one that can't be used."""
    kind, purpose, check = _KINDS[key]
    der: bytes = entry.get_object().read_data(purpose)
    check(kind.load(der))
    return der


class _Store(DocumentSecurityStore):
    """A certificate that is added takes the place of a forged one with its issuer and serial number: pyHanko
    keeps the one that it finds first."""

    def register_vri(
        self, identifier: object, *, certs: Iterable[x509.Certificate] = (), **kept: Any
    ) -> None:
        added = list(certs)
        for each in added:
            if each.issuer_serial in self.certs and self._read(each.issuer_serial) != each.dump():
                del self.certs[each.issuer_serial]
        super().register_vri(identifier, certs=added, **kept)  # type: ignore[no-untyped-call]

    def _read(self, issuer_serial: bytes) -> bytes:
        return bytes(self.certs[issuer_serial].get_object().read_data(DecodePurpose.CERTIFICATE))


def add_evidence(
    writer: IncrementalPdfFileWriter, paths: Sequence[ValidationPath], trust: TrustSettings
) -> None:
    """Keep the paths' certificates, the answers, and those of our lists that concern them."""
    certificates, responses, lists = _evidence(paths, trust).values()
    _Store.supply_dss_in_writer(writer, None, certs=certificates, ocsps=responses, crls=lists)


def _evidence(paths: Sequence[ValidationPath], trust: TrustSettings) -> dict[str, list[Any]]:
    """By key of the store."""
    anchors = trust.anchors()
    certificates = [each for path in paths for each in path.iter_certs(include_root=True)]
    names = {each.subject.hashable for each in certificates}
    return {
        "/Certs": certificates,
        "/OCSPs": list(anchors.ocsps),
        "/CRLs": [each for each in anchors.crls if each.issuer.hashable in names],
    }


def with_evidence(pdf: bytes, paths: Sequence[ValidationPath], trust: TrustSettings) -> bytes:
    """`pdf` with one more revision, which keeps the evidence."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    add_evidence(writer, paths, trust)
    output = BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    return output.getvalue()


def kept_context(
    reader: PdfFileReader, paths: Sequence[ValidationPath], trust: TrustSettings, moment: datetime
) -> ValidationContext:
    """The context for a check by our roots and by the evidence about `paths` that the file holds, nothing
    else: what others put into the store can't spoil it. No certificate may be without evidence."""
    added = {each.dump() for values in _evidence(paths, trust).values() for each in values}
    alone = replace(
        trust,
        crls=None,
        intermediates=tuple(der for der in read_kept(reader, "/Certs") if der in added),
        answers=tuple(each for each in kept_answers(reader) if each.der in added),
    )
    return validation_context(alone, moment, CHECKED, later=True)


def check_stated_time(stated: datetime, moment: datetime) -> None:
    """Raises Rejected if a time stamp that was just fetched states another time than our clock."""
    if abs(stated - moment) > _TOLERANCE:
        raise Rejected(InvalidityReason.EVIDENCE_UNAVAILABLE, "the time stamp is of another time")


def end_of_path(path: ValidationPath) -> datetime:
    """When the first certificate of the path ends. The root doesn't count: we trust it, whatever it says."""
    ends: list[datetime] = [each.not_valid_after for each in path.iter_certs(include_root=False)]
    return min(ends)
