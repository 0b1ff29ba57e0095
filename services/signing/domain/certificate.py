"""The facts of a certificate that passed its checks, and whether it is the office's."""

from typing import Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.events.base import Sha256
from shared.events.signing import CertificateFacts
from shared.text.characters import digits

Match = Literal["tax_code", "budget_code", "review", "vendor"]
Scheme = Literal["national", "public_bodies"]
CodeMismatch = Literal["no_code", "other_code"]
"""The certificate carries no office's code, or codes of others only."""


class Coded(Protocol):
    """A certificate's codes of offices."""

    @property
    def tax_codes(self) -> tuple[str, ...]: ...
    @property
    def budget_codes(self) -> tuple[str, ...]: ...


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


def match(certificate: Coded, tax_code: str | None, budget_code: str | None) -> Match:
    """Which code ties the certificate to the office that registered.

    A tax code must be the same, with its branch part. A certificate of the parent office, of a person, or of
    anybody else needs a review by a clerk.
    """
    if tax_code and digits(tax_code) in map(digits, certificate.tax_codes):
        return "tax_code"
    if budget_code and digits(budget_code) in map(digits, certificate.budget_codes):
        return "budget_code"
    return "review"


def find_code_mismatch(
    certificate: Coded, tax_code: str | None, budget_code: str | None
) -> CodeMismatch | None:
    """Why nothing ties the certificate to the office. None if a code does."""
    if match(certificate, tax_code, budget_code) != "review":
        return None
    return "other_code" if certificate.tax_codes or certificate.budget_codes else "no_code"
