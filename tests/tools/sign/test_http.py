"""The protocol over HTTP, with real tokens in their child processes."""

import asyncio
import base64
from collections.abc import AsyncIterator
from hashlib import sha384
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from deploy.local.people import soft_token
from tests.tools.sign import softhsm, works
from tests.tools.sign.authority import HOLDER
from tests.tools.sign.conftest import Office
from tests.tools.sign.served import (
    DIGEST,
    SITE,
    ServedTool,
    Somebody,
    confirmed,
    error_of,
    serve,
    signature_body,
)
from tools.sign.child import Work
from tools.sign.confirmation.question import PairingQuestion, Reply, SignatureQuestion
from tools.sign.tokens import tokens
from tools.sign.tool import MOST_IN_ALL, MOST_QUESTIONS

REFUSED = Reply(outcome="refused")


@pytest.fixture
async def served(office: Office, tmp_path: Path) -> AsyncIterator[ServedTool]:
    """The site is allowed, and the person types the right PIN."""
    async with serve(tmp_path, office.library) as one:
        yield one


@pytest.fixture
async def stranger(office: Office, tmp_path: Path) -> AsyncIterator[ServedTool]:
    """The site is not allowed yet."""
    async with serve(tmp_path, office.library, paired=False) as one:
        yield one


async def test_an_unpaired_site_learns_the_version_and_nothing_else(
    stranger: ServedTool, office: Office
) -> None:
    said = await stranger.site.get("/v1/tool")
    assert said.json() == {"protocol": 1, "tool": "giahan-sign", "version": "0.1.0", "paired": False}
    for answer in (
        await stranger.site.get("/v1/certificates"),
        await stranger.site.post("/v1/signatures", json=signature_body(office.ids["rsa"])),
        await stranger.site.post("/v1/signatures", json={}),
    ):
        assert (answer.status_code, error_of(answer)["code"]) == (403, "origin_not_paired")
    assert stranger.person.asked.empty()


async def test_the_person_allows_a_site_once(stranger: ServedTool) -> None:
    for _ in range(2):
        assert (await stranger.site.post("/v1/pairing", json={})).json() == {"protocol": 1, "paired": True}
    assert stranger.person.asked.get_nowait() == PairingQuestion(origin=SITE)
    assert stranger.person.asked.empty()
    assert (await stranger.site.get("/v1/tool")).json()["paired"] is True
    other = {"Origin": "https://other.example.vn"}
    assert (await stranger.site.get("/v1/tool", headers=other)).json()["paired"] is False


async def test_a_site_that_is_refused_is_not_asked_about_for_ever(stranger: ServedTool) -> None:
    stranger.person.reply = REFUSED
    answers = [await stranger.site.post("/v1/pairing", json={}) for _ in range(MOST_QUESTIONS + 2)]
    said = [(answer.status_code, error_of(answer)["code"]) for answer in answers]
    assert said == [(403, "pairing_refused")] * MOST_QUESTIONS + [(429, "asked_too_often")] * 2
    assert stranger.person.asked.qsize() == MOST_QUESTIONS
    assert (await stranger.site.get("/v1/tool")).json()["paired"] is False


async def test_many_sites_of_one_owner_cannot_fill_the_screen(stranger: ServedTool) -> None:
    stranger.person.reply = REFUSED
    codes = []
    for number in range(MOST_IN_ALL + 2):
        site = {"Origin": f"https://s{number}.example.vn"}
        codes.append(error_of(await stranger.site.post("/v1/pairing", json={}, headers=site))["code"])
    assert codes == ["pairing_refused"] * MOST_IN_ALL + ["asked_too_often"] * 2


async def test_the_certificates_are_listed_as_the_protocol_says(served: ServedTool, office: Office) -> None:
    answer = await served.site.get("/v1/certificates")
    listed = {one["id"]: one for one in answer.json()["certificates"]}
    assert listed.keys() == set(office.ids.values())
    one = listed[office.ids["rsa"]]
    assert base64.b64decode(one.pop("certificate"), validate=True)
    assert len(one.pop("issuers")) == 1
    assert one.pop("serial")
    assert one == {
        "id": office.ids["rsa"],
        "holder": HOLDER,
        "issuer": "Office CA",
        "valid_from": "2020-01-01T00:00:00Z",
        "valid_to": "2060-01-01T00:00:00Z",
        "codes": ["MST:0100686209-199", "MNS:1047665", "MST:0100686209"],
        "key": "RSA 2048",
        "algorithms": ["PS256", "RS256"],
        "token": {
            "label": "TRẦN NGỌC TÚ's token",
            "pin_low": False,
            "pin_final_try": False,
            "pin_locked": False,
            "pin_pad": False,
        },
    }


async def test_a_digest_is_signed_after_the_person_saw_what_it_is_of(
    served: ServedTool, office: Office
) -> None:
    answer = await served.site.post("/v1/signatures", json=signature_body(office.ids["rsa"]))
    body = answer.json()
    assert (body["protocol"], body["algorithm"]) == (1, "PS256")
    key = office.certificates["rsa"].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    key.verify(base64.b64decode(body["signature"]), DIGEST, pss, Prehashed(hashes.SHA256()))
    question = served.person.asked.get_nowait()
    assert isinstance(question, SignatureQuestion)
    assert (question.origin, question.holder) == (SITE, HOLDER)
    assert [value for _, value in question.rows[:3]] == [
        "Phiếu đăng ký gia hạn",
        "12/GH-2026",
        "abababab … abababab",
    ]


async def test_a_wrong_pin_comes_back_with_the_tokens_flags(served: ServedTool, office: Office) -> None:
    served.person.reply = confirmed("0000")
    digest = base64.b64encode(sha384(b"form").digest()).decode()
    answer = await served.site.post(
        "/v1/signatures", json=signature_body(office.ids["wrong_pin"], "ES384", digest=digest)
    )
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (403, "pin_wrong")
    assert error["pin"] == {"low": True, "final_try": False, "locked": False}
    listed = (await served.site.get("/v1/certificates")).json()["certificates"]
    low = {one["id"]: one["token"]["pin_low"] for one in listed}
    assert low[office.ids["wrong_pin"]] is True
    assert low[office.ids["rsa"]] is False


@pytest.mark.parametrize(
    ("name", "algorithm", "status", "code"),
    [
        ("expired", "ES256", 409, "certificate_expired"),
        ("future", "ES256", 409, "certificate_not_yet_valid"),
        ("p256", "PS256", 400, "request_invalid"),
        (None, "PS256", 404, "certificate_unknown"),
    ],
)
async def test_what_cannot_end_well_is_refused_before_the_pin(
    served: ServedTool, office: Office, name: str | None, algorithm: str, status: int, code: str
) -> None:
    certificate = office.ids[name] if name else "0" * 64
    answer = await served.site.post("/v1/signatures", json=signature_body(certificate, algorithm))
    assert (answer.status_code, error_of(answer)["code"]) == (status, code)
    assert served.person.asked.empty()


async def test_a_person_who_refuses_signs_nothing(served: ServedTool, office: Office) -> None:
    served.person.reply = REFUSED
    answer = await served.site.post("/v1/signatures", json=signature_body(office.ids["rsa"]))
    assert (answer.status_code, error_of(answer)["code"]) == (409, "cancelled")


async def test_a_second_question_waits_for_nobody(office: Office, tmp_path: Path) -> None:
    other = {"Origin": "https://other.example.vn"}
    async with serve(tmp_path, office.library, ready=False) as served:
        first = asyncio.create_task(served.site.post("/v1/pairing", json={}, headers=other))
        await served.person.asked.get()
        for answer in (
            await served.site.post("/v1/signatures", json=signature_body(office.ids["rsa"])),
            await served.site.post("/v1/pairing", json={}, headers=other),
        ):
            assert (answer.status_code, error_of(answer)["code"]) == (409, "busy")
        assert (await served.site.get("/v1/tool")).status_code == 200
        served.person.ready.set()
        assert (await first).status_code == 200


async def test_a_page_that_goes_away_takes_its_question_with_it(office: Office, tmp_path: Path) -> None:
    async with serve(tmp_path, office.library, paired=False, ready=False) as served:
        page = asyncio.create_task(served.site.post("/v1/pairing", json={}))
        await served.person.asked.get()
        page.cancel()
        await served.person.ended.wait()
        served.person.ready.set()
        assert (await served.site.get("/v1/tool")).json()["paired"] is False
        answer = await served.site.post("/v1/pairing", json={})
        assert answer.status_code == 200, "the tool is free again"


async def test_without_a_library_the_paths_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("no library")
    async with serve(tmp_path, "/nowhere/token.so", str(tmp_path / "text.so")) as served:
        answer = await served.site.get("/v1/certificates")
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (503, "no_module")
    assert [(one["path"], one["reason"]) for one in error["paths"]] == [
        (str(tmp_path / "text.so"), "unreadable"),
        ("/nowhere/token.so", "missing"),
    ]
    assert all(one["message"].keys() == {"vi", "en"} for one in error["paths"])


async def test_a_library_without_pkcs11_is_told_as_unloadable(tmp_path: Path) -> None:
    import _ctypes

    async with serve(tmp_path, _ctypes.__file__) as served:
        error = error_of(await served.site.get("/v1/certificates"))
    assert (error["code"], error["paths"][0]["reason"]) == ("no_module", "unloadable")


async def test_a_library_without_a_token_asks_for_one(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTHSM2_CONF", str(soft_token.make_store(tmp_path)))
    async with serve(tmp_path, office.library) as served:
        for answer in (
            await served.site.get("/v1/certificates"),
            await served.site.post("/v1/signatures", json=signature_body(office.ids["rsa"])),
        ):
            assert (answer.status_code, error_of(answer)["code"]) == (409, "no_token")


@pytest.mark.parametrize(("broken", "cause"), [(works.crash, "crashed"), (works.stall, "hung")])
async def test_a_library_that_crashes_or_hangs_is_an_error_of_the_token(
    served: ServedTool, monkeypatch: pytest.MonkeyPatch, broken: Work, cause: str
) -> None:
    monkeypatch.setattr(tokens, "work", broken)
    if cause == "hung":
        monkeypatch.setattr(served.tool.tokens, "_seconds", 0.2)
    answer = await served.site.get("/v1/certificates")
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["cause"]) == (502, "token_error", cause)
    assert (await served.site.get("/v1/tool")).status_code == 200


async def test_an_error_of_our_own_is_an_answer_without_its_words(
    stranger: ServedTool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Somebody, __: object) -> None:
        raise RuntimeError(softhsm.PIN)

    monkeypatch.setattr(Somebody, "ask", fail)
    answer = await stranger.site.post("/v1/pairing", json={})
    assert (answer.status_code, error_of(answer)["code"]) == (500, "tool_error")
    assert softhsm.PIN not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
