"""Judges the level of a signature by pyHanko's AdES validation, by the file and our roots alone."""

from datetime import datetime
from io import BytesIO

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
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


async def is_long_term(pdf: bytes, field: str, pki: Pki, moment: datetime) -> bool:
    """Whether signature and time stamp pass, with revocation data for every certificate but the root."""
    reader = PdfFileReader(BytesIO(pdf))
    signature = next(each for each in reader.embedded_signatures if each.field_name == field)
    _, _, der = pem.unarmor(pki.trust_roots.read_bytes())
    root = x509.Certificate.load(der)
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
            key_usage_settings=KeyUsageConstraints({"digital_signature", "non_repudiation"}),
        ),
        timing_info=ValidationTimingInfo(moment, moment, point_in_time_validation=True),
        raw_digest=signature.compute_digest(),
    )
    return result.ades_subindic is AdESPassed.OK
