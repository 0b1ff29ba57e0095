"""One signature by bare pyHanko, with the key in memory."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature
from pyhanko.stamp import StaticStampStyle

from deploy.local.people.pki import Pki
from services.signing.pades.certificates import validation_context
from services.signing.pades.fields import read_fields
from services.signing.pades.stamp.appearance import stamp_style
from services.signing.pades.trust import TrustSettings

_ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True, slots=True)
class BareSigner:
    signer: SimpleSigner
    trust: TrustSettings
    moment: datetime

    @classmethod
    def load(cls, pki: Pki, trust: TrustSettings, moment: datetime) -> "BareSigner":
        """With the vendor's key."""
        file, password = str(pki.vendor), pki.password.encode()
        signer = SimpleSigner.load_pkcs12(file, passphrase=password, prefer_pss=True)  # type: ignore[no-untyped-call]
        assert signer is not None
        return cls(signer, trust, moment)

    async def sign(self, pdf: bytes, field: str) -> bytes:
        """The signature alone, without a stamp."""
        return await self._sign(IncrementalPdfFileWriter(BytesIO(pdf)), field, StaticStampStyle())

    async def sign_and_check(self, pdf: bytes, field: str) -> bytes:
        """With the stamp that ours has, and validated."""
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        [place] = [each for each in read_fields(writer.prev) if each.name == field]
        style = stamp_style(place, self.signer.signing_cert, self.moment, _ZONE)
        signed = await self._sign(writer, field, style)
        [embedded] = PdfFileReader(BytesIO(signed)).embedded_signatures
        status = await async_validate_pdf_signature(embedded, validation_context(self.trust, self.moment))
        assert status.bottom_line
        return signed

    async def _sign(self, writer: IncrementalPdfFileWriter, field: str, style: StaticStampStyle) -> bytes:
        meta = PdfSignatureMetadata(field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        out = BytesIO()
        await PdfSigner(meta, self.signer, stamp_style=style).async_sign_pdf(
            writer, existing_fields_only=True, bytes_reserved=16 * 1024, output=out
        )
        return out.getvalue()
