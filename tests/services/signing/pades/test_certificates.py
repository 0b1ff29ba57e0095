"""Which certificates may sign, and which facts are read from them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from deploy.local.people.authority import Authority, key_usage, subject
from deploy.local.people.pki import FROM, UNTIL, Credential, Holder, Pki, ensure_pki
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.certificates import read_chain, validate_certificate
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import BadTrust, TrustSettings
from tests.support.revocation import revoke

Issue = Callable[..., Credential]


@pytest.fixture
def issue(pki: Pki) -> Issue:
    def make(*uids: str, **kind: Any) -> Credential:
        return pki.credential("issued", Holder("Sở Tài chính", uids), **{"kind": "p256", **kind})

    return make


async def refusal(who: Credential, trust: TrustSettings, moment: datetime) -> InvalidityReason:
    with pytest.raises(Rejected) as refused:
        await validate_certificate(read_chain(who.chain), trust, moment)
    return refused.value.reason


async def test_codes_are_read_by_rdn_though_uid_repeats(
    issue: Issue, trust: TrustSettings, moment: datetime
) -> None:
    """A value that contains the separators of a printed name must not be split."""
    who = issue("CCCD:001082000001", "MST:0101243150-001", "mst: 0100686209", "MNS:1047665", "x,UID=MST:9+8")
    found = await validate_certificate(read_chain(who.chain), trust, moment)
    assert set(found.tax_codes) == {"0101243150-001", "0100686209"}
    assert found.budget_codes == ("1047665",)


async def test_chain_may_lack_its_authority(issue: Issue, trust: TrustSettings, moment: datetime) -> None:
    """Tokens often have the office's own certificate only; the CAs under our roots are configured."""
    alone = issue("MST:1").chain[:1]
    assert (await validate_certificate(read_chain(alone), trust, moment)).tax_codes == ("1",)


async def test_period(issue: Issue, trust: TrustSettings, moment: datetime) -> None:
    assert await refusal(issue(period=(FROM, datetime(2026, 1, 1, tzinfo=UTC))), trust, moment) is (
        InvalidityReason.CERTIFICATE_EXPIRED
    )
    assert await refusal(issue(period=(datetime(2027, 1, 1, tzinfo=UTC), UNTIL)), trust, moment) is (
        InvalidityReason.CERTIFICATE_NOT_YET_VALID
    )


async def test_of_a_stranger(issue: Issue, trust: TrustSettings, moment: datetime) -> None:
    assert await refusal(issue(trusted=False), trust, moment) is InvalidityReason.CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize("usages", [["digital_signature"], ["content_commitment"]])
async def test_either_usage_signs(
    issue: Issue, trust: TrustSettings, moment: datetime, usages: list[str]
) -> None:
    await validate_certificate(read_chain(issue(usages=usages).chain), trust, moment)


async def test_usage_for_something_else(issue: Issue, trust: TrustSettings, moment: datetime) -> None:
    who = issue(usages=["key_encipherment"])
    assert await refusal(who, trust, moment) is InvalidityReason.CERTIFICATE_USAGE


SERVER, CLIENT, MAIL = (
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
)
DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")


def _purposes(*named: x509.ObjectIdentifier, critical: bool) -> x509.Extension[x509.ExtendedKeyUsage]:
    return x509.Extension(ExtensionOID.EXTENDED_KEY_USAGE, critical, x509.ExtendedKeyUsage(named))


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize(
    "named",
    [
        (SERVER,),
        (SERVER, CLIENT),
        (ExtendedKeyUsageOID.CODE_SIGNING,),
        (ExtendedKeyUsageOID.TIME_STAMPING,),
        (ExtendedKeyUsageOID.OCSP_SIGNING,),
        (x509.ObjectIdentifier("1.2.3.4"),),
    ],
)
async def test_purpose_other_than_documents_signs_no_form(
    issue: Issue, trust: TrustSettings, moment: datetime, named: Any, critical: bool
) -> None:
    who = issue("MST:1", purposes=_purposes(*named, critical=critical))
    assert await refusal(who, trust, moment) is InvalidityReason.CERTIFICATE_USAGE


@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize(
    "named",
    [
        (DOCUMENTS,),
        (CLIENT, MAIL),
        (CLIENT,),
        (MAIL, SERVER),
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,),
        (x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"), x509.ObjectIdentifier("1.2.3.4")),
    ],
)
async def test_purposes_of_offices_certificates_sign(
    issue: Issue, trust: TrustSettings, moment: datetime, named: Any, critical: bool
) -> None:
    who = issue("MST:1", purposes=_purposes(*named, critical=critical))
    assert (await validate_certificate(read_chain(who.chain), trust, moment)).tax_codes == ("1",)


async def test_purposes_are_a_setting(issue: Issue, trust: TrustSettings, moment: datetime) -> None:
    who = issue("MST:1", purposes=_purposes(CLIENT, critical=True))
    documents_only = replace(trust, purposes=frozenset({DOCUMENTS.dotted_string}))
    assert await refusal(who, documents_only, moment) is InvalidityReason.CERTIFICATE_USAGE


@pytest.mark.parametrize("named", [["digital_signature", "key_cert_sign"], ["digital_signature", "crl_sign"]])
async def test_key_that_issues_signs_no_form(
    issue: Issue, trust: TrustSettings, moment: datetime, named: list[str]
) -> None:
    assert await refusal(issue(usages=named), trust, moment) is InvalidityReason.CERTIFICATE_USAGE


async def test_authority_with_a_signers_usage_signs_no_form(
    pki: Pki, office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    key = office.key
    made = _authority(pki.issuing, key, usages=key_usage("digital_signature"))
    chain = (made.public_bytes(Encoding.DER), *office.chain[1:])
    assert await refusal(replace(office, chain=chain), trust, moment) is InvalidityReason.CERTIFICATE_USAGE


async def test_authority_for_servers_issues_no_signer(
    pki: Pki, office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    key = office.key
    bound = _authority(pki.issuing, key, usages=key_usage("key_cert_sign"), purposes=[SERVER])
    holder = Authority(key, bound).issue(
        subject("Sở Tài chính", ["MST:1"]), key.public_key(), ["digital_signature"], (FROM, UNTIL)
    )
    ders = [one.public_bytes(Encoding.DER) for one in (holder, bound)]
    who = replace(office, chain=(*ders, *office.chain[1:]))
    unlisted = replace(trust, crls=None)
    assert await refusal(who, unlisted, moment) is InvalidityReason.CERTIFICATE_USAGE


def _authority(
    by: Authority,
    key: Any,
    *,
    usages: x509.KeyUsage,
    purposes: list[x509.ObjectIdentifier] | None = None,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject("Some Authority", ["MST:1"]))
        .issuer_name(by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usages, critical=True)
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(by.key, hashes.SHA256())


async def test_authority_signs_no_form(office: Credential, trust: TrustSettings, moment: datetime) -> None:
    authority = replace(office, chain=office.chain[1:])
    assert await refusal(authority, trust, moment) is InvalidityReason.CERTIFICATE_USAGE


async def test_short_key(issue: Issue, trust: TrustSettings, moment: datetime) -> None:
    assert await refusal(issue(kind="rsa1024"), trust, moment) is InvalidityReason.CERTIFICATE_WEAK


async def test_revoked(tmp_path: Path, moment: datetime) -> None:
    """The list is used although the certificate names no distribution point, and at once when it changes."""
    pki = ensure_pki(tmp_path / "pki")
    who = pki.credential("office", Holder("Sở Tài chính", ("MST:1",)), kind="p256")
    trust = TrustFiles(pki.trust_roots, pki.trust_intermediates, pki.crls).current()
    assert (await validate_certificate(read_chain(who.chain), trust, moment)).revocation == "good"
    revoke(pki, who.certificate)
    assert await refusal(who, trust, moment) is InvalidityReason.CERTIFICATE_REVOKED
    (pki.crls / "root.crl").unlink()
    assert await refusal(who, trust, moment) is InvalidityReason.CERTIFICATE_REVOKED


async def test_revoked_by_a_list_past_its_time(tmp_path: Path, moment: datetime) -> None:
    """If the list was not refreshed in time, a revoked certificate must not become valid again."""
    pki = ensure_pki(tmp_path / "pki")
    who = pki.credential("office", Holder("Sở Tài chính", ("MST:1",)), kind="p256")
    other = pki.credential("other", Holder("Sở Nội vụ", ("MST:2",)), kind="p256")
    ended = datetime(2026, 1, 1, tzinfo=UTC)
    stale = pki.issuing.revocations({who.certificate.serial_number}, (FROM, ended))
    (pki.crls / "issuing.crl").write_bytes(stale)
    trust = TrustFiles(pki.trust_roots, pki.trust_intermediates, pki.crls).current()
    assert await refusal(who, trust, moment) is InvalidityReason.CERTIFICATE_REVOKED
    assert (await validate_certificate(read_chain(other.chain), trust, moment)).revocation == "unknown"


async def test_key_of_a_kind_that_signs_no_pdf(moment: datetime, trust: TrustSettings) -> None:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sở Tài chính")])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(usage, critical=True)
        .sign(key, None)
    )
    with pytest.raises(Rejected) as refused:
        await validate_certificate(read_chain([made.public_bytes(Encoding.DER)]), trust, moment)
    assert refused.value.reason is InvalidityReason.CERTIFICATE_WEAK


async def test_without_lists(pki: Pki, office: Credential, moment: datetime) -> None:
    unlisted = TrustFiles(pki.trust_roots, pki.trust_intermediates).current()
    assert (await validate_certificate(read_chain(office.chain), unlisted, moment)).revocation == "unknown"
    strict = replace(unlisted, require_revocation=True)
    assert await refusal(office, strict, moment) is InvalidityReason.CERTIFICATE_UNCHECKED


@pytest.mark.parametrize(
    "der", [b"", b"\x30", b"\x30\x03\x02\x01\x01", b"MIIC", b"\x30\x80\0\0", b"x" * 20_000]
)
def test_not_a_certificate(der: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        read_chain([der])
    assert refused.value.reason is InvalidityReason.CERTIFICATE_UNREADABLE


def test_damaged_certificates(office: Credential) -> None:
    """Cut or changed anywhere, a certificate is read or rejected, and nothing else happens."""
    der = office.chain[0]
    outcomes = set()
    for place in range(0, len(der), 7):
        for damaged in (der[:place], der[:place] + bytes([der[place] ^ 0x21]) + der[place + 1 :]):
            outcomes.add(_outcome(damaged))
    assert outcomes == {"read", InvalidityReason.CERTIFICATE_UNREADABLE}


def _outcome(der: bytes) -> str:
    try:
        read_chain([der])
    except Rejected as refused:
        return refused.reason
    return "read"


def test_no_chain_or_one_without_end(office: Credential) -> None:
    for chain in ([], list(office.chain) * 5):
        with pytest.raises(Rejected):
            read_chain(chain)


def test_trust_files_that_cannot_be_used(tmp_path: Path, pki: Pki) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_bytes(b"not a certificate")
    with pytest.raises(BadTrust, match=r"damaged\.pem: is damaged"):
        TrustFiles(damaged).current()
    with pytest.raises(BadTrust, match="No such file"):
        TrustFiles(tmp_path / "absent.pem").current()
    with pytest.raises(BadTrust):
        TrustFiles(pki.trust_roots, damaged).current()
