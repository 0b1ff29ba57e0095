"""The verdict on a signature, by the rules and in the words of ETSI EN 319 102-1, which EU DSS uses too."""

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.signing.domain.report.facts import SignatureFacts


class Indication(StrEnum):
    """NO_SIGNATURE_FOUND is only for a whole file."""

    TOTAL_PASSED = "TOTAL_PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL_FAILED"
    NO_SIGNATURE_FOUND = "NO_SIGNATURE_FOUND"


class SubIndication(StrEnum):
    """Why a signature isn't passed."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    TRY_LATER = "TRY_LATER"


class SignatureVerdict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    indication: Indication
    sub_indication: SubIndication | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (self.indication, self.sub_indication)))


def judge(facts: SignatureFacts) -> SignatureVerdict:
    """The first rule that applies decides; a signature to which none applies is passed."""
    for why, applies in _FAILED:
        if applies(facts):
            return SignatureVerdict(indication=Indication.TOTAL_FAILED, sub_indication=why)
    for why, applies in _UNSURE:
        if applies(facts):
            return SignatureVerdict(indication=Indication.INDETERMINATE, sub_indication=why)
    return SignatureVerdict(indication=Indication.TOTAL_PASSED)


def judge_file(verdicts: Iterable[SignatureVerdict]) -> Indication:
    """The worst of its signatures' verdicts."""
    found = {verdict.indication for verdict in verdicts}
    order = (Indication.TOTAL_FAILED, Indication.INDETERMINATE, Indication.TOTAL_PASSED)
    return next((one for one in order if one in found), Indication.NO_SIGNATURE_FOUND)


_Rule = tuple[SubIndication, Callable[[SignatureFacts], bool]]


def _is_malformed(facts: SignatureFacts) -> bool:
    return not facts.readable or facts.coverage == "part" or facts.changes == "forbidden"


def _is_revoked_before(facts: SignatureFacts, moment: datetime | None) -> bool:
    """Whether the signer's own certificate was revoked at `moment`."""
    found = facts.revocation
    return bool(moment and found.revoked_at and not found.of_authority and found.revoked_at <= moment)


def _is_revoked_authority(facts: SignatureFacts) -> bool:
    found, moment = facts.revocation, facts.existed_at
    return bool(moment and found.revoked_at and found.of_authority and found.revoked_at <= moment)


def _is_expired(facts: SignatureFacts, moment: datetime | None) -> bool:
    return bool(facts.certificate and moment and facts.certificate.valid_to < moment)


def _is_too_early(facts: SignatureFacts) -> bool:
    """Whether the signature existed before its certificate was valid."""
    return bool(facts.certificate and facts.existed_at and facts.existed_at < facts.certificate.valid_from)


def _is_trusted(facts: SignatureFacts) -> bool:
    """Without a path to a root, what its certificate says about times proves nothing."""
    return facts.chain == "trusted"


_FAILED: tuple[_Rule, ...] = (
    (SubIndication.FORMAT_FAILURE, _is_malformed),
    (SubIndication.HASH_FAILURE, lambda facts: facts.certificate is not None and not facts.intact),
    (SubIndication.SIG_CRYPTO_FAILURE, lambda facts: facts.certificate is not None and not facts.genuine),
    (
        SubIndication.REVOKED,
        lambda facts: _is_trusted(facts) and _is_revoked_before(facts, facts.made_after),
    ),
    (SubIndication.EXPIRED, lambda facts: _is_trusted(facts) and _is_expired(facts, facts.made_after)),
    (SubIndication.NOT_YET_VALID, lambda facts: _is_trusted(facts) and _is_too_early(facts)),
)
"""What can never become valid: the file or the value is wrong, or the time is proven to be."""

_UNSURE: tuple[_Rule, ...] = (
    (SubIndication.NO_SIGNING_CERTIFICATE_FOUND, lambda facts: facts.certificate is None),
    (SubIndication.NO_CERTIFICATE_CHAIN_FOUND, lambda facts: facts.chain == "none"),
    (SubIndication.CRYPTO_CONSTRAINTS_FAILURE, lambda facts: facts.strength == "refused"),
    (SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, lambda facts: facts.strength == "outdated"),
    (SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, lambda facts: facts.chain == "broken"),
    (SubIndication.CHAIN_CONSTRAINTS_FAILURE, lambda facts: facts.chain == "constraints"),
    (SubIndication.REVOKED_NO_POE, lambda facts: _is_revoked_before(facts, facts.existed_at)),
    (SubIndication.REVOKED_CA_NO_POE, _is_revoked_authority),
    (
        SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
        lambda facts: _is_expired(facts, facts.existed_at) and facts.revocation.status == "good",
    ),
    (SubIndication.OUT_OF_BOUNDS_NO_POE, lambda facts: _is_expired(facts, facts.existed_at)),
    (SubIndication.TRY_LATER, lambda facts: facts.revocation.status == "unknown"),
)
"""What more evidence could decide: a root, a list, a time stamp."""
