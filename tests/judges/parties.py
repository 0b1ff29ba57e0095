"""Who signs in the judged documents, with keys that the test PKI issues for the run."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.people.pki import FROM, Credential, Holder, Pki, ensure_pki
from services.signing.contracts.seal import FileSeal
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.worker_tasks import SigningPolicy
from tests.support.revocation import revoke

_ENDED = datetime(2026, 1, 1, tzinfo=UTC)

SCHOOL = "TRUONG THPT DONG VAN"
"""A name that the stamps of common tools can write."""


@dataclass(frozen=True, slots=True)
class Parties:
    """`office` has an RSA key and `branch` one on P-256; both are on the token. `school` signs with programs
    of others. Nobody trusts the authority of `stranger`, who calls itself like the school. The certificates
    of the last three prove nothing, each for its reason."""

    pki: Pki
    office: Credential
    branch: Credential
    school: Credential
    stranger: Credential
    revoked: Credential
    expired: Credential
    weak: Credential

    @property
    def policy(self) -> SigningPolicy:
        trust = TrustFiles(self.pki.trust_roots, self.pki.trust_intermediates, self.pki.crls).current()
        return SigningPolicy(trust, "Asia/Ho_Chi_Minh", old_padding=True)

    @property
    def seal(self) -> FileSeal:
        return FileSeal.load(self.pki.vendor, self.pki.password)


def make_parties(folder: Path) -> Parties:
    pki = ensure_pki(folder)
    uids = ("MST:0101243150-001", "MNS:1047665")
    revoked = pki.credential("revoked", Holder(SCHOOL, uids), kind="p256")
    revoke(pki, revoked.certificate)
    return Parties(
        pki,
        office=pki.credential("office", Holder("Sở Tài chính tỉnh Hà Giang", uids)),
        branch=pki.credential("branch", Holder("Trường Tiểu học Xuân Phú", uids), kind="p256"),
        school=pki.credential("school", Holder(SCHOOL, uids)),
        stranger=pki.credential("stranger", Holder(SCHOOL, uids), trusted=False),
        revoked=revoked,
        expired=pki.credential("expired", Holder(SCHOOL, uids), kind="p256", period=(FROM, _ENDED)),
        weak=pki.credential("weak", Holder(SCHOOL, uids), kind="rsa1024"),
    )
