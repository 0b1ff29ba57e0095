"""What a validation finds out about the signatures in a PDF. Nothing here judges: `verdict` does."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.signing.domain.certificate import Scheme
from shared.events.base import Sha256

Chain = Literal["trusted", "none", "constraints", "broken"]
"""Whether the certificate leads to one of our roots: yes; no; yes, but it is for another purpose; yes, but a
certificate on the path is not valid."""
Coverage = Literal["file", "revision", "part"]
"""What the signature covers: the whole file, a whole revision of it, or less than a revision."""
Changes = Literal["none", "evidence", "signatures", "forbidden"]
"""What was added to the file after the signature: nothing; what proves it; signatures and form fields; or
anything else."""
Strength = Literal["good", "outdated", "refused"]
"""Of key and algorithms: accepted; accepted in earlier years; not accepted by the settings."""


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SignerCertificate(_Facts):
    """The certificate as it stands in the signature, whatever it is worth. `authority` is the CA that issued
    it. The codes are the subject's `UID=MST:…`, `UID=MNS:…` and `UID=CCCD:…`. `scheme` says whose root it
    leads to; None if it leads to none of ours."""

    holder: str
    authority: str
    serial: str
    fingerprint: Sha256
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    tax_codes: tuple[str, ...] = ()
    budget_codes: tuple[str, ...] = ()
    personal_codes: tuple[str, ...] = ()
    scheme: Scheme | None = None


class RevocationSource(_Facts):
    """What says whether the certificate is revoked. `place`: in the file itself, fetched from the authority
    for this report, or a list that the service has. `made_at` is when the authority made it."""

    kind: Literal["ocsp", "crl"]
    place: Literal["file", "authority", "service"]
    made_at: AwareDatetime | None


class Revocation(_Facts):
    """`revoked_at` is set if the certificate, or with `of_authority` one of its CAs, is revoked. `status` is
    about the whole path, `source` about the signer's own certificate."""

    status: Literal["good", "revoked", "unknown"]
    revoked_at: AwareDatetime | None = None
    of_authority: bool = False
    source: RevocationSource | None = None


class TimeStampFacts(_Facts):
    """A time stamp (RFC 3161). `document`: it is on the whole file, not on one signature. `valid`: it is of
    this signature or file, and its certificate leads to one of our roots and was not revoked."""

    time: AwareDatetime
    authority: str
    valid: bool
    document: bool = False


class SignatureFacts(_Facts):
    """One signature. A signature that can't be read has its `field` only, and `readable` is False.

    `intact`: what was signed has the digest that the signature states. `genuine`: the signature value was
    made with the certificate's key. `stated_at` is the
    signer's own word. `existed_at` is the earliest time at which something proves that the signature
    existed, at the latest the time of the validation. `made_after` is a time before which it did not exist.
    """

    field: str
    readable: bool = True
    certificate: SignerCertificate | None = None
    intact: bool = False
    genuine: bool = False
    coverage: Coverage = "part"
    changes: Changes = "none"
    chain: Chain = "none"
    strength: Strength = "good"
    old_padding: bool = False
    revocation: Revocation = Revocation(status="unknown")
    existed_at: AwareDatetime | None = None
    made_after: AwareDatetime | None = None
    stated_at: AwareDatetime | None = None
    time_stamp: TimeStampFacts | None = None
    level: str = ""
