"""Who is asked, what is kept, and that no answer, whatever its bytes, makes more than it proves."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asn1crypto import crl, ocsp, x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request

from deploy.local.people.pki import FROM, UNTIL, Credential, Pki, new_key
from services.signing.domain.level import SignatureLevel
from services.signing.evidence.cache import AnswerCache
from services.signing.evidence.downloads import Downloads, NoAnswer, host_of
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.certificates import read_chain, validate_certificate
from services.signing.pades.rejection import Rejected
from services.signing.pades.revocation.answers import RevocationAnswer
from tests.services.signing.evidence.conftest import AT, MakeSigner, sign, with_own_lists
from tests.services.signing.evidence.judge import is_long_term
from tests.services.signing.evidence.responders import Responders, drip, saying

_FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def responded() -> bytes:
    """A response that is about no certificate."""
    about = {
        "responder_id": ocsp.ResponderId(name="by_key", value=b"1" * 20),
        "produced_at": FROM,
        "responses": [],
    }
    signed = {
        "tbs_response_data": about,
        "signature_algorithm": {"algorithm": "sha256_rsa"},
        "signature": b"x",
    }
    response = {"response_type": "basic_ocsp_response", "response": signed}
    return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": response}).dump())


async def test_only_named_hosts_are_asked(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    for hosts in (frozenset[str](), frozenset({"127.0.0.1"}), frozenset({"ocsp.example.vn"})):
        signer = make_signer(stamps=False, hosts=hosts)
        found = await signer.check(office_with_responder.chain, AT)
        assert found.revocation == "unknown"
    assert not responders.asked


async def test_nobody_is_asked_on_a_stranger_s_word(make_signer: MakeSigner, responders: Responders) -> None:
    stranger = responders.issue("asks", by=responders.pki.stranger)
    (verdict,) = await make_signer().check_all((stranger.chain,), AT)
    assert verdict == "certificate_untrusted"
    assert not responders.asked


async def test_checked_answers_are_kept_until_the_next(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    signer = make_signer()
    for _ in range(3):
        await signer.check(office_with_responder.chain, AT)
    assert responders.asked["ocsp"] == 1
    later = await signer.check(office_with_responder.chain, AT + timedelta(minutes=11))
    assert later.revocation == "unknown"
    assert responders.asked["ocsp"] == 2


async def test_answer_that_was_not_good_is_not_kept(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential
) -> None:
    """Guards against: whoever forges one answer on the way decides for as long as it says."""
    signer = make_signer(stamps=False)
    who = responders.issue("forged", lists=False)
    responders.signing = responders.pki.stranger
    assert (await signer.check(who.chain, AT)).revocation == "unknown"
    responders.be_honest()
    assert (await signer.check(who.chain, AT)).revocation == "good"


async def test_forged_answer_beside_our_own_lists_is_not_kept(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, tmp_path: Path
) -> None:
    """Guards against: our lists find the certificate good, so the forged answer stays, and the responder is
    not asked again when the certificate is revoked."""
    signer = with_own_lists(make_signer(stamps=False), own_pki, tmp_path)
    who = responders.issue("forged-beside-lists", lists=False)
    honest = responders.ocsp_response

    async def forge(request: Any, body: bytes) -> Any:
        return await saying(honest(body)[:-1] + b"\0")(request, body)

    responders.ocsp = forge
    assert (await signer.check(who.chain, AT)).revocation == "good"
    responders.be_honest()
    responders.revoked.add(who.certificate.serial_number)
    with pytest.raises(Rejected, match="certificate_revoked"):
        await signer.check(who.chain, AT)


async def test_answer_about_another_certificate_is_not_kept(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, tmp_path: Path
) -> None:
    """Guards against: somebody on the way answers with what the authority says of another certificate that is
    checked at the same time, and nobody is asked about this one when it is revoked."""
    signer = with_own_lists(make_signer(stamps=False), own_pki, tmp_path)
    who, other = responders.issue("answered-for", lists=False), responders.issue("answers", lists=False)
    responders.ocsp = saying(responders.ocsp_response(without_nonce(other)))
    found = await signer.check_all((who.chain, other.chain), AT)
    assert [getattr(each, "revocation", each) for each in found] == ["good", "good"]
    responders.be_honest()
    responders.revoked.add(who.certificate.serial_number)
    with pytest.raises(Rejected, match="certificate_revoked"):
        await signer.check(who.chain, AT)
    assert responders.asked["ocsp"] == 1
    assert (await signer.check(other.chain, AT)).revocation == "good"
    assert responders.asked["ocsp"] == 1


def without_nonce(who: Credential) -> bytes:
    own, authority = map(x509.Certificate.load, who.chain)
    request = format_ocsp_request(
        own, AuthorityWithCert(authority), certid_hash_algo="sha1", request_nonces=False
    )
    return bytes(request.dump())


async def test_list_of_another_authority_is_not_kept(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, tmp_path: Path
) -> None:
    """Guards against: somebody on the way answers with the fresh list of an authority above, in which the
    certificate can't stand."""
    below = own_pki.issuing.subordinate("Below", new_key("p256"), (FROM, UNTIL))
    signer = with_own_lists(make_signer(stamps=False), own_pki, tmp_path)
    (tmp_path / "below.crl").write_bytes(below.revocations((), (FROM, UNTIL)))
    who = responders.issue("listed-below", by=below, responds=False)
    responders.crl = saying(own_pki.issuing.revocations((), (AT, UNTIL)))
    assert (await signer.check(who.chain, AT)).revocation == "good"
    responders.crl = saying(below.revocations({who.certificate.serial_number}, (AT, UNTIL)))
    with pytest.raises(Rejected, match="certificate_revoked"):
        await signer.check(who.chain, AT)


def test_answer_of_the_future_is_not_kept(pki: Pki) -> None:
    """Guards against: an authority whose clock is wrong is not asked again for years."""
    answer = RevocationAnswer("crl", "list", pki.issuing.revocations((), (FROM, UNTIL)))
    for early, kept in ((timedelta(minutes=4), True), (timedelta(minutes=6), False)):
        cache = AnswerCache()
        cache.keep([answer], FROM - early)
        assert (cache.find("list", FROM) is not None) is kept


def test_cache_forgets_the_oldest_and_the_outdated(pki: Pki) -> None:
    der = pki.issuing.revocations((), (FROM, FROM + timedelta(hours=1)))
    undated = pki.issuing.revocations((), (FROM, UNTIL))
    cache = AnswerCache(2 * len(der))
    for source in "abc":
        cache.keep([RevocationAnswer("crl", source, der)], FROM)
    at = FROM + timedelta(minutes=30)
    assert [cache.find(source, at) is not None for source in "abc"] == [False, True, True]
    assert cache.find("c", FROM + timedelta(hours=1)) is None
    cache.keep([RevocationAnswer("crl", "long", undated)], FROM)
    assert cache.find("long", FROM + timedelta(hours=23))
    assert cache.find("long", FROM + timedelta(hours=25)) is None


@pytest.mark.parametrize(
    "answer",
    [
        RevocationAnswer("crl", "list", b"<html>maintenance</html>"),
        RevocationAnswer("crl", "list", b"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n"),
        RevocationAnswer("crl", "list", b""),
        RevocationAnswer("ocsp", "responder", b"<html>maintenance</html>"),
        RevocationAnswer("ocsp", "responder", ocsp.OCSPResponse({"response_status": "try_later"}).dump()),
        RevocationAnswer("ocsp", "responder", responded()),
    ],
    ids=["page", "PEM", "empty", "page for a response", "no answer", "no entries"],
)
def test_cache_keeps_nothing_unreadable(answer: RevocationAnswer) -> None:
    cache = AnswerCache()
    cache.keep([answer], FROM)
    assert cache.find(answer.source, FROM) is None


async def test_unreadable_list_beside_our_own_stops_nothing(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, tmp_path: Path
) -> None:
    """Our own lists prove the certificate, so nothing has read what was fetched beside them."""
    bare = responders.issue("listed-by-us", responds=False)
    responders.crl = saying(b"<html>maintenance</html>")
    signer = with_own_lists(make_signer(stamps=False), own_pki, tmp_path)
    for _ in range(2):
        assert (await signer.check(bare.chain, AT)).revocation == "good"
    assert (await sign(signer, bare)).verified.certificate.revocation == "good"
    assert responders.asked["crl"] == 4  # none was kept


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://OCSP.ca.vn/x", "ocsp.ca.vn"),
        ("https://ocsp.ca.vn:443/", "ocsp.ca.vn"),
        ("http://ocsp.ca.vn:8080/", "ocsp.ca.vn:8080"),
        ("https://ocsp.ca.vn:80/", "ocsp.ca.vn:80"),
    ],
)
def test_host_of_a_url(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "ldap://ca.vn/cn=CA",
        "file:///etc/passwd",
        "http://",
        "",
        "http://allowed@ca.vn/",
        "//ca.vn",
        "http://[::1",
    ],
)
def test_url_that_is_never_asked(url: str) -> None:
    with pytest.raises(ValueError):
        host_of(url)


@given(st.text() | st.text().map("http://{}".format) | st.from_regex(r"https?://[^/]*:[0-9]*/?.*"))
def test_any_text_is_a_host_or_none(url: str) -> None:
    """A certificate's author writes what stands there."""
    with suppress(ValueError):
        assert host_of(url)


async def test_answer_without_end_is_cut(responders: Responders, client: httpx.AsyncClient) -> None:
    responders.crl = drip
    downloads = Downloads(client, frozenset({responders.host}), 30)
    with pytest.raises(NoAnswer, match="more than 4096 bytes"):
        await downloads.get(f"{responders.url}/crl", limit=4096)


@_FEW
@given(st.binary(max_size=200))
async def test_any_bytes_prove_nothing(make_signer: MakeSigner, responders: Responders, body: bytes) -> None:
    responders.ocsp = responders.crl = responders.tsa = saying(body)
    made = await sign(make_signer(), responders.issue("any-bytes"))
    assert (made.level, made.verified.certificate.revocation) == (SignatureLevel.BASIC, "unknown")


@_FEW
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), what=st.sampled_from(["ocsp", "tsa"]))
async def test_level_is_never_more_than_others_find(
    make_signer: MakeSigner, responders: Responders, own_pki: Pki, place: float, bit: int, what: str
) -> None:
    """One bit of an honest answer is changed, anywhere."""
    responders.be_honest()
    honest: Any = {"ocsp": responders.ocsp_response, "tsa": responders.time_stamp}[what]

    async def answer(request: Any, body: bytes) -> Any:
        changed = bytearray(honest(body))
        changed[int(place * len(changed))] ^= 1 << bit
        return await saying(bytes(changed))(request, body)

    setattr(responders, what, answer)
    made = await sign(make_signer(), responders.issue("one-bit", lists=False))
    if made.level is SignatureLevel.LONG_TERM:
        assert await is_long_term(made.pdf, "office", own_pki, AT)


async def test_damaged_answer_is_none(own_pki: Pki, responders: Responders) -> None:
    """A value that can be parsed at first and is damaged within."""
    der = own_pki.issuing.revocations((), (FROM, UNTIL))
    who = responders.issue("beside-damage")
    trust = TrustFiles(own_pki.trust_roots, own_pki.trust_intermediates, own_pki.crls).current()
    for damaged in (der[:40], der[:-1], b"", der.replace(b"\x17\x0d", b"\x17\x0c", 1)):
        answers = (RevocationAnswer("crl", "", damaged), RevocationAnswer("ocsp", "", damaged))
        given = replace(trust, answers=answers)
        assert (await validate_certificate(read_chain(who.chain), given, AT)).revocation == "unknown"


async def test_list_too_long_for_the_memory_is_not_ignored(
    own_pki: Pki, responders: Responders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards against: a revoked certificate is accepted because its list can't be read for its length."""
    who = responders.issue("long-list")
    revoked = {who.certificate.serial_number}
    der = own_pki.issuing.revocations(revoked, (FROM, UNTIL))
    trust = TrustFiles(own_pki.trust_roots, own_pki.trust_intermediates, own_pki.crls).current()
    given = replace(trust, answers=(RevocationAnswer("crl", "", der),))
    with monkeypatch.context() as patch:
        patch.setattr(crl.CertificateList, "native", property(_exhaust))
        with pytest.raises(MemoryError):
            await validate_certificate(read_chain(who.chain), given, AT)
    with pytest.raises(Rejected, match="certificate_revoked"):
        await validate_certificate(read_chain(who.chain), given, AT)


def _exhaust(value: object) -> None:
    raise MemoryError


async def test_certificates_are_asked_about_at_once(make_signer: MakeSigner, responders: Responders) -> None:
    """All wait for the last one: in turn it would never come."""
    waiting, all_here = 0, asyncio.Event()
    honest = responders.honest_ocsp

    async def together(request: Any, body: bytes) -> Any:
        nonlocal waiting
        waiting += 1
        if waiting == 3:
            all_here.set()
        await all_here.wait()
        return await honest(request, body)

    responders.ocsp = together
    chains = tuple(responders.issue(f"one-of-{n}", lists=False).chain for n in range(3))
    found = await make_signer(stamps=False).check_all(chains, AT)
    assert [getattr(each, "revocation", each) for each in found] == ["good"] * 3
