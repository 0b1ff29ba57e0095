"""Puts a signature that was made elsewhere into its prepared PDF."""

from io import BytesIO

from asn1crypto import cms
from cryptography.hazmat.primitives.hashes import Hash
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.pades.certificates import read_chain
from services.signing.pades.mechanisms import hash_of, identify_signature
from services.signing.pades.preparation import external_signer
from services.signing.pades.rejection import InvalidityReason, Rejected

_LONGEST_SIGNATURE = 1024


async def complete(
    prepared: bytes, resumable: Resumable, requested: Algorithm, signature: bytes, *, old_padding: bool
) -> bytes:
    """The signed PDF. Raises Rejected unless the certificate's key made `signature` over the attributes.

    pyHanko embeds any value without a check, so it is verified first. `old_padding` accepts PKCS#1 v1.5.
    """
    if not 0 < len(signature) <= _LONGEST_SIGNATURE:
        raise Rejected(InvalidityReason.SIGNATURE_MISMATCH, f"a value of {len(signature)} bytes")
    chain = read_chain(resumable.certificates)
    hashed = Hash(hash_of(requested))
    hashed.update(resumable.attributes)
    used, value = identify_signature(chain.signer, requested, hashed.finalize(), signature)
    if used is Algorithm.RS256 and not old_padding:
        raise Rejected(InvalidityReason.SIGNATURE_OLD_PADDING)
    signer = external_signer(chain, used, value)
    attributes = cms.CMSAttributes.load(resumable.attributes)
    content = await signer.async_sign_prescribed_attributes(used.hash, signed_attrs=attributes)
    output = BytesIO(prepared)
    place = PreparedByteRangeDigest(resumable.document_digest, resumable.reserved_from, resumable.reserved_to)
    await PdfTBSDocument.async_finish_signing(output, place, content)
    return output.getvalue()


def check_prepared(signed: bytes, prepared: bytes, resumable: Resumable) -> None:
    """Raises Rejected if `signed` differs from the prepared PDF in anything but the signature's own place.

    So what the page shows of the signature (its stamp, its time) is what we prepared, whoever finished it.
    """
    start, end = resumable.reserved_from, resumable.reserved_to
    if (signed[:start], signed[end:]) != (prepared[:start], prepared[end:]):
        raise Rejected(InvalidityReason.FILE_NOT_PREPARED)
