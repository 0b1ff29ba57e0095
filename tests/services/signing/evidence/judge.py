"""Judges the level of a signature by pyHanko's AdES validation, by the file and our roots alone."""

from datetime import datetime
from io import BytesIO

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.pdf_embedded import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import process_legacy_crl_input, process_legacy_ocsp_input

from deploy.local.people.pki import Pki

_REQUIRED = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
_SIGNS = KeyUsageConstraints({"digital_signature", "non_repudiation"})


async def is_archival(pdf: bytes, field: str, pki: Pki, signed_at: datetime, moment: datetime) -> bool:
    """Whether the signature was valid at `signed_at`, and each document time stamp when the next was made,
    with revocation data for every certificate but the root. The newest stamp's must last at `moment`."""
    reader = PdfFileReader(BytesIO(pdf))
    stamps = reader.embedded_timestamp_signatures
    if not stamps or stamps[-1].signer_cert.not_valid_after <= moment:
        return False
    signature = next(each for each in reader.embedded_signatures if each.field_name == field)
    times = [stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native for stamp in stamps]
    for stamp, proved_at in zip(stamps, [*times[1:], times[-1]], strict=True):
        status = await async_validate_pdf_timestamp(stamp, _kept(reader, pki, proved_at), skip_diff=True)
        if not (status.intact and status.valid and status.trusted):
            return False
    found = await async_validate_pdf_signature(
        signature, _kept(reader, pki, signed_at), key_usage_settings=_SIGNS, skip_diff=True
    )
    return bool(found.intact and found.valid and found.trusted)


def _kept(reader: PdfFileReader, pki: Pki, at: datetime) -> ValidationContext:
    """The context of what the file holds. Evidence counts that was asked for at that time, or later."""
    policy = CertRevTrustPolicy(RevocationCheckingPolicy(_REQUIRED, _REQUIRED), retroactive_revinfo=True)
    settings = {"trust_roots": [_root(pki)], "moment": at, "revinfo_policy": policy}
    return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)


def _root(pki: Pki) -> x509.Certificate:
    _, _, der = pem.unarmor(pki.trust_roots.read_bytes())
    return x509.Certificate.load(der)


async def is_long_term(pdf: bytes, field: str, pki: Pki, moment: datetime) -> bool:
    """Whether signature and time stamp pass, with revocation data for every certificate but the root."""
    reader = PdfFileReader(BytesIO(pdf))
    signature = next(each for each in reader.embedded_signatures if each.field_name == field)
    root = _root(pki)
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return False
    context = store.as_validation_context({"trust_roots": [root]})
    signature.compute_integrity_info(skip_diff=True)
    result = await ades_with_time_validation(
        signature.signed_data,
        SignatureValidationSpec(
            CertValidationPolicySpec(
                SimpleTrustManager.build([root]),
                CertRevTrustPolicy(RevocationCheckingPolicy(_REQUIRED, _REQUIRED)),
            ),
            RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
            local_knowledge=LocalKnowledge(
                known_ocsps=process_legacy_ocsp_input(context.ocsps),
                known_crls=process_legacy_crl_input(context.crls),
                known_certs=list(store.load_certs()),
            ),
            key_usage_settings=_SIGNS,
        ),
        timing_info=ValidationTimingInfo(moment, moment, point_in_time_validation=True),
        raw_digest=signature.compute_digest(),
    )
    return result.ades_subindic is AdESPassed.OK
