"""Makes signed files: correct ones with our own steps, and manipulated ones by the holder of a valid key."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from typing import Any, BinaryIO

from asn1crypto import cms, keys, x509
from asn1crypto.cms import CMSAttributes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.stamp import BaseStampStyle, StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import Credential
from services.signing.pades.certificates import read_chain
from services.signing.pades.completion import complete
from services.signing.pades.preparation import PreparedPdf, external_signer, prepare
from tests.services.signing.changes import Change

AT = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
ZONE = "Asia/Ho_Chi_Minh"


async def prepared(pdf: bytes, who: Credential, field: str = "office") -> PreparedPdf:
    return await prepare(pdf, field, read_chain(who.chain), AT, ZONE)


async def signed(pdf: bytes, who: Credential, field: str = "office", algorithm: str | None = None) -> bytes:
    """`pdf` signed with our own preparation and completion; the key signs as the office's tool does."""
    ready = await prepared(pdf, who, field)
    token = Token(who.p12.read_bytes(), who.password)
    value = token.sign(ready.digest, algorithm or ready.algorithm)
    return await complete(ready.pdf, ready.resumable, ready.algorithm, value, old_padding=True)


async def signed_elsewhere(
    pdf: bytes,
    who: Credential,
    field: str = "office",
    *,
    change: Change | None = None,
    late: Change | None = None,
    place: SigFieldSpec | None = None,
    stamp: BaseStampStyle | None = None,
    meta: Mapping[str, Any] = MappingProxyType({}),
    authority: Credential | None = None,
    stated: datetime = AT,
) -> bytes:
    """`pdf` signed by another tool, with `change` made to it in the same revision as the signature, and
    `late` once the stamp is there. `place` is a field that the tool adds, `stamp` its appearance, `meta` what
    else it writes: a reason, … `authority` stamps the time of the signature, `stated` is what the tool's own
    clock says."""
    writer = _LateWriter(pdf, late)
    if change:
        change(writer)
    known = {"md_algorithm": "sha256", "subfilter": SigSeedSubFilter.PADES, **meta}
    signer = _ClockedSigner(
        PdfSignatureMetadata(field, **known),
        _signer(who),
        stamp_style=stamp or StaticStampStyle(),
        new_field_spec=place,
        timestamper=_stamper(authority) if authority else None,
    )
    signer.stated = stated
    out = BytesIO()
    await signer.async_sign_pdf(writer, output=out)
    return out.getvalue()


class _ClockedSigner(PdfSigner):
    """Signs at the time of a clock of its own."""

    stated = AT

    def init_signing_session(self, *args: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.stated
        return session


class _LateWriter(IncrementalPdfFileWriter):
    """Makes the last change before it writes: whatever signs then signs that too."""

    def __init__(self, pdf: bytes, late: Change | None) -> None:
        super().__init__(BytesIO(pdf), strict=False)
        self._late = late

    def write(self, stream: BinaryIO) -> None:
        if self._late:
            self._late(self)
        super().write(stream)  # type: ignore[no-untyped-call]


async def time_stamped(pdf: bytes, authority: Credential, field: str | None = None) -> bytes:
    """`pdf` with a document time stamp in `field`, or in an invisible field of its own."""
    out = BytesIO()
    await PdfTimeStamper(_stamper(authority), field_name=field).async_timestamp_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), "sha256", output=out
    )
    return out.getvalue()


async def resigned(ready: PreparedPdf, who: Credential, *, skipped: int) -> bytes:
    """`ready` signed over a byte range that leaves out `skipped` bytes more than the signature's place."""
    start, end = ready.resumable.reserved_from, ready.resumable.reserved_to
    honest = b"[0 %d %d %d]" % (start, end, len(ready.pdf) - end)
    wider = b"[0 %d %d %d]" % (start, end + skipped, len(ready.pdf) - end - skipped)
    return await edited(ready, who, honest, wider.ljust(len(honest)), skipped=skipped)


async def edited(
    ready: PreparedPdf,
    who: Credential,
    old: bytes,
    new: bytes,
    *,
    skipped: int = 0,
    drop: frozenset[str] = frozenset(),
) -> bytes:
    """`ready` with bytes replaced by as many others, then signed, without the attributes of `drop`."""
    start, end = ready.resumable.reserved_from, ready.resumable.reserved_to
    pdf = ready.pdf.replace(old, new)
    assert len(pdf) == len(ready.pdf)
    assert pdf != ready.pdf
    digest = sha256(pdf[:start] + pdf[end + skipped :]).digest()
    signer = external_signer(read_chain(who.chain), ready.algorithm, b"")
    attributes = await signer.signed_attrs(digest, "sha256", use_pades=True)
    kept = CMSAttributes([each for each in attributes if each["type"].native not in drop])
    return await with_attributes(replace(ready, pdf=pdf), who, kept)


async def with_attributes(ready: PreparedPdf, who: Credential, attributes: CMSAttributes) -> bytes:
    """`ready` finished with a correct signature over attributes that the signer made up."""
    encoded = attributes.dump()
    resumable = ready.resumable.model_copy(update={"attributes": encoded})
    value = Token(who.p12.read_bytes(), who.password).sign(sha256(encoded).digest(), ready.algorithm)
    return await complete(ready.pdf, resumable, ready.algorithm, value, old_padding=False)


async def with_value(ready: PreparedPdf, who: Credential, value: bytes) -> bytes:
    """`ready` finished with this signature value, without a check, as pyHanko does it."""
    signer = external_signer(read_chain(who.chain), ready.algorithm, value)
    attributes = CMSAttributes.load(ready.resumable.attributes)
    content = await signer.async_sign_prescribed_attributes("sha256", signed_attrs=attributes)
    start, end = ready.resumable.reserved_from, ready.resumable.reserved_to
    digits: bytes = content.dump().hex().encode()
    return ready.pdf[: start + 1] + digits.ljust(end - start - 2, b"0") + ready.pdf[end - 1 :]


def with_content(pdf: bytes, change: Callable[[cms.SignerInfo, cms.SignedData], None]) -> bytes:
    """`pdf` with `change` made to the CMS of its only signature, in the same place."""
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    content = cms.ContentInfo.load(signature.pkcs7_content)
    change(content["content"]["signer_infos"][0], content["content"])
    _, start, end, _ = signature.byte_range
    digits: bytes = content.dump(force=True).hex().encode()
    return pdf[: start + 1] + digits.ljust(end - start - 2, b"0") + pdf[end - 1 :]


def updated(pdf: bytes, change: Change) -> bytes:
    """`pdf` with one more revision that holds `change`."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _stamper(authority: Credential) -> DummyTimeStamper:
    signer = _signer(authority)
    return DummyTimeStamper(signer.signing_cert, signer.signing_key, signer.cert_registry)


def _signer(who: Credential) -> SimpleSigner:
    own, *others = map(x509.Certificate.load, who.chain)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(others)
    key = who.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(own, keys.PrivateKeyInfo.load(key), store, prefer_pss=True)
