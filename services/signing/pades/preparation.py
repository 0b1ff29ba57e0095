"""Prepares a PDF for a signature that is made elsewhere (a token, a phone, the vendor's seal)."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import x509
from cryptography.hazmat.primitives.hashes import Hash
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.pades.certificates import CertificateChain, algorithm_of
from services.signing.pades.fields import Field, read_fields
from services.signing.pades.mechanisms import cms_algorithm, hash_of
from services.signing.pades.rejection import InvalidityReason, UnreadableDocument
from services.signing.pades.stamp.appearance import PLAIN, StampDetails, stamp_style

# Space for the CMS without the certificates: attributes, the signature, and later a time stamp.
_CMS_BYTES = 12 * 1024


@dataclass(frozen=True, slots=True)
class PreparedPdf:
    """`pdf` is complete except for the signature in its reserved place. `digest` is what the key signs."""

    pdf: bytes
    digest: bytes
    algorithm: Algorithm
    resumable: Resumable


async def prepare(
    issued: bytes,
    field: str,
    chain: CertificateChain,
    moment: datetime,
    zone: str,
    details: StampDetails = PLAIN,
) -> PreparedPdf:
    """Prepare the empty `field` of our own PDF for this certificate.

    The digest is that of the signed attributes. They contain the digests of the document and the certificate.
    `moment` is the signing time that the PDF states; the stamp writes it in the time zone `zone`. Raises
    Rejected, and UnreadableDocument if the issued PDF has not exactly one empty `field`.
    """
    algorithm = algorithm_of(chain.signer)
    writer = IncrementalPdfFileWriter(BytesIO(issued))
    signer = external_signer(chain, algorithm, bytes(512))
    meta = PdfSignatureMetadata(field, md_algorithm=algorithm.hash, subfilter=SigSeedSubFilter.PADES)
    style = stamp_style(_find_empty_field(writer.prev, field), chain.signer, moment, zone, details)
    pdf_signer = PdfSigner(meta, signer, stamp_style=style)
    session = pdf_signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = moment
    tbs = session.prepare_tbs_document(None, bytes_reserved=_reserved_digits(chain))
    prepared, output = tbs.digest_tbs_document()
    attributes = await signer.signed_attrs(prepared.document_digest, algorithm.hash, use_pades=True)
    encoded = attributes.dump()
    hashed = Hash(hash_of(algorithm))
    hashed.update(encoded)
    return PreparedPdf(
        pdf=_content(output),
        digest=hashed.finalize(),
        algorithm=algorithm,
        resumable=Resumable(
            document_digest=prepared.document_digest,
            reserved_from=prepared.reserved_region_start,
            reserved_to=prepared.reserved_region_end,
            attributes=encoded,
            certificates=tuple(certificate.dump() for certificate in (chain.signer, *chain.others)),
        ),
    )


def external_signer(chain: CertificateChain, algorithm: Algorithm, signature: bytes) -> ExternalSigner:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(chain.others)
    mechanism = cms_algorithm(algorithm)
    return ExternalSigner(chain.signer, store, signature, signature_mechanism=mechanism, embed_roots=False)


def _find_empty_field(pdf: PdfFileReader, name: str) -> Field:
    named = [field for field in read_fields(pdf) if field.name == name and not field.filled]
    if len(named) != 1:
        raise UnreadableDocument(InvalidityReason.FIELDS_CHANGED, f"{len(named)} empty fields of that name")
    return named[0]


def _reserved_digits(chain: CertificateChain) -> int:
    """How many hexadecimal digits to reserve for the CMS."""
    certificates: list[x509.Certificate] = [chain.signer, *chain.others]
    return 2 * (_CMS_BYTES + sum(len(certificate.dump()) for certificate in certificates))


def _content(output: object) -> bytes:
    assert isinstance(output, BytesIO)
    return output.getvalue()
