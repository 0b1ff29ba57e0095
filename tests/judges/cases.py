"""All cases: which file each judge is asked about, and what it must say.

The attacks are here so that a judge that calls everything good, or isn't heard, fails the run.
"""

from collections.abc import Mapping

from tests.judges.case import (
    ACCEPTED,
    BASIC,
    DSS,
    NOT_PDF_A,
    OPENSC,
    OURS,
    PASSED,
    PASSED_ARCHIVAL,
    PASSED_LONG_TERM,
    PDF_A,
    PDFSIG,
    REPORT,
    TRUSTED,
    VERAPDF,
    Case,
)

_ISSUED = {VERAPDF: PDF_A}
_SIGNED = {DSS: PASSED, VERAPDF: PDF_A, PDFSIG: TRUSTED}
_SIGNED_TWICE = {DSS: f"{PASSED}; {PASSED}", VERAPDF: PDF_A, PDFSIG: f"{TRUSTED}; {TRUSTED}"}
_LONG_TERM = {DSS: PASSED_LONG_TERM, VERAPDF: PDF_A, PDFSIG: TRUSTED}
_ARCHIVAL = {DSS: PASSED_ARCHIVAL, VERAPDF: PDF_A}
_UPLOADED = {DSS: PASSED, PDFSIG: TRUSTED, OURS: ACCEPTED}

_EXPECTED = {
    "form.pdf": _ISSUED,
    "form-signed.pdf": _SIGNED,
    "form-signed-p256.pdf": _SIGNED,
    "form-long-term.pdf": _LONG_TERM,
    "form-archival.pdf": {**_ARCHIVAL, OURS: ACCEPTED},
    "form-archival-twice.pdf": {**_ARCHIVAL, OURS: ACCEPTED},
    "contract.pdf": _ISSUED,
    "contract-sealed.pdf": _SIGNED,
    "contract-assent.pdf": _ISSUED,
    "contract-assent-signed.pdf": _SIGNED,
    "contract-assent-sealed.pdf": _SIGNED_TWICE,
    "contract-assent-sealed-long-term.pdf": {
        DSS: f"{PASSED_LONG_TERM}; {PASSED_LONG_TERM}",
        VERAPDF: PDF_A,
        PDFSIG: f"{TRUSTED}; {TRUSTED}",
    },
    "contract-assent-archival.pdf": {DSS: f"{PASSED_ARCHIVAL}; {PASSED_ARCHIVAL}", VERAPDF: PDF_A},
    "contract-sealed-images.pdf": _SIGNED,
    "scan.pdf": _ISSUED,
    "photo.pdf": _ISSUED,
    "upload-pdfsig.pdf": {**_UPLOADED, DSS: "TOTAL_PASSED PKCS7-B"},
    "upload-pyhanko.pdf": _UPLOADED,
    "upload-dss.pdf": _UPLOADED,
    "upload-archival.pdf": {DSS: PASSED_ARCHIVAL, OURS: ACCEPTED},
    "form-signed.signature": {OPENSC: "valid"},
    "form-signed-p256.signature": {OPENSC: "valid"},
    "attack-overlay.pdf": {OURS: "refused: file_changed"},
    "attack-bytes-after.pdf": {OURS: "refused: file_changed"},
    "attack-altered.pdf": {
        DSS: f"TOTAL_FAILED HASH_FAILURE {BASIC}",
        PDFSIG: "Digest Mismatch",
        OURS: "refused: file_not_issued",
    },
    "attack-stranger.pdf": {
        DSS: f"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND {BASIC}",
        PDFSIG: "Signature is Valid, Certificate issuer isn't Trusted",
        OURS: "refused: certificate_untrusted",
    },
    "attack-metadata.pdf": {VERAPDF: NOT_PDF_A},
    "certificate-revoked.pdf": {DSS: f"INDETERMINATE REVOKED_NO_POE {BASIC}"},
    "certificate-expired.pdf": {DSS: f"INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED {BASIC}"},
    "certificate-weak.pdf": {DSS: f"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE {BASIC}"},
    "signed-twice-elsewhere.pdf": {DSS: f"{PASSED}; {PASSED}"},
    "attack-p256.signature": {OPENSC: "invalid"},
}


def _with_report(expected: Mapping[str, str]) -> Mapping[str, str]:
    """Our report is asked wherever EU DSS is, and must say the same."""
    return {**expected, REPORT: expected[DSS]} if DSS in expected else expected


CASES = tuple(Case(file, _with_report(expected)) for file, expected in _EXPECTED.items())
