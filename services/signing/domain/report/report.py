"""The validation report on a PDF: what was found about its signatures, and the verdicts on them."""

from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.signing.domain.certificate import CodeMismatch, find_code_mismatch
from services.signing.domain.report.document import Kind, ReportedDocument
from services.signing.domain.report.facts import SignatureFacts, TimeStampFacts
from services.signing.domain.report.verdict import (
    Indication,
    SignatureVerdict,
    judge,
    judge_file,
)
from shared.events.base import Sha256

VENDOR_FIELD = "vendor"


class _Reported(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class JudgedSignature(_Reported):
    facts: SignatureFacts
    verdict: SignatureVerdict

    @property
    def is_vendors(self) -> bool:
        """Whether it stands in the field of the vendor."""
        return self.facts.field == VENDOR_FIELD

    @property
    def valid_at_signing(self) -> bool | None:
        """Whether the certificate was valid when its signature was made: by a valid time stamp, else by the
        time that the signer states. None if that can't be said: the signer may state any time, so it proves
        nothing once the certificate is revoked or has ended."""
        found, stamp = self.facts, self.facts.time_stamp
        at = stamp.time if stamp and stamp.valid else found.stated_at
        if found.certificate is None or at is None or found.chain != "trusted":
            return None
        revoked_at = found.revocation.revoked_at
        in_period = found.certificate.valid_from <= at <= found.certificate.valid_to
        if not in_period or (revoked_at and revoked_at <= at):
            return False
        proven = stamp is not None and stamp.valid
        if found.revocation.status == "unknown" or not (proven or self._is_still_valid):
            return None
        return True

    @property
    def _is_still_valid(self) -> bool:
        """Whether the certificate was valid at the time at which the signature is proven to have existed."""
        found = self.facts
        if found.certificate is None or found.existed_at is None:
            return False
        revoked_at = found.revocation.revoked_at
        return found.existed_at <= found.certificate.valid_to and not (
            revoked_at and revoked_at <= found.existed_at
        )


OriginStatus = Literal["issued", "changed", "rewritten", "other", "unknown"]
"""Whether the file is a document of ours: with honest signatures only; changed after it was issued; its text
in other bytes, written anew or altered; another text that names a number of ours; or nothing that the service
knows and the person may see."""


class Origin(_Reported):
    """`reason` is the code of what was changed (`invalid` in the texts). The other fields say which document
    of ours it is, or names. `number` is the registration's."""

    status: OriginStatus
    kind: Kind | None = None
    renewal_id: UUID | None = None
    number: str = ""
    reason: str = ""


class ValidationReport(_Reported):
    """`judged_at` is the moment for which it is judged: that of the acceptance for a document of ours, now
    for any other file. `made_at` is when this report was made. `origin` is only for a file that somebody
    sent. `document` is the document of ours; None for any other file, and in a kept report."""

    sha256: Sha256
    size: int
    pages: int
    judged_at: AwareDatetime
    made_at: AwareDatetime
    signatures: tuple[JudgedSignature, ...]
    time_stamps: tuple[TimeStampFacts, ...]
    origin: Origin | None = None
    document: ReportedDocument | None = None

    @property
    def indication(self) -> Indication:
        return judge_file(each.verdict for each in self.signatures)

    @property
    def is_final(self) -> bool:
        """False if more evidence (an answer, a root, a list) could decide a verdict later."""
        decided = {Indication.TOTAL_PASSED, Indication.TOTAL_FAILED}
        return bool(self.signatures) and all(each.verdict.indication in decided for each in self.signatures)

    @property
    def mismatch(self) -> CodeMismatch | None:
        """Why no signature beside the vendor's is tied to the office of the document by its code. None if one
        is, and where there is no such signature or no known code. It changes no verdict."""
        office = self.document
        if office is None or not (office.tax_code or office.budget_code):
            return None
        signers = [each.facts.certificate for each in self.signatures if not each.is_vendors]
        found = {find_code_mismatch(each, office.tax_code, office.budget_code) for each in signers if each}
        if not found or None in found:
            return None
        return "other_code" if "other_code" in found else "no_code"

    def of(self, origin: Origin) -> Self:
        return self.model_copy(update={"origin": origin})

    def about(self, document: ReportedDocument | None) -> Self:
        return self.model_copy(update={"document": document})


def judge_all(signatures: tuple[SignatureFacts, ...]) -> tuple[JudgedSignature, ...]:
    return tuple(JudgedSignature(facts=facts, verdict=judge(facts)) for facts in signatures)
