"""The facts of a certificate that passed its checks, and whether it is the office's."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.base import Sha256
from shared.events.signing import CertificateFacts
from shared.text.characters import digits

Match = Literal["tax_code", "budget_code", "review", "vendor"]
Scheme = Literal["national", "public_bodies"]


class Certificate(BaseModel):
    """`tax_codes` and `budget_codes` are the subject's `UID=MST:…` and `UID=MNS:…`. Each may repeat. `scheme`
    says whose root the certificate leads to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: Sha256
    issuer: str
    serial: str
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    revocation: Literal["good", "unknown"]
    tax_codes: tuple[str, ...] = ()
    budget_codes: tuple[str, ...] = ()
    scheme: Scheme = "national"

    def facts(self, match: Match) -> CertificateFacts:
        """The facts for the events. Nothing in them names a person or an office."""
        facts = self.model_dump(exclude={"tax_codes", "budget_codes", "scheme"})
        return CertificateFacts(match=match, **facts)


def match(certificate: Certificate, tax_code: str | None, budget_code: str | None) -> Match:
    """Which code ties the certificate to the office that registered.

    A tax code must be the same, with its branch part. A certificate of the parent office, of a person, or of
    anybody else needs a review by a clerk.
    """
    if tax_code and digits(tax_code) in map(digits, certificate.tax_codes):
        return "tax_code"
    if budget_code and digits(budget_code) in map(digits, certificate.budget_codes):
        return "budget_code"
    return "review"
