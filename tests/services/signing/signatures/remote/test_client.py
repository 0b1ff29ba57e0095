"""The client of a provider, over real HTTP, with answers good and bad."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import Request
from fastapi.responses import Response
from pydantic import SecretStr

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.domain.remote import RemoteFailure, RemoteRefused
from services.signing.evidence.downloads import Downloads, NoAnswer
from services.signing.settings import RemoteProvider
from services.signing.signatures.remote.client import CscClient, NotConfirmed
from services.signing.signatures.remote.messages import Codes, DigestToSign
from tests.services.signing.evidence.responders import drip, hang, leading_to, saying
from tests.services.signing.signatures.remote.provider import PSS, Answer, PhoneProvider, serve

WANTED = DigestToSign("key-1", b"\x01" * 32, "sha256", PSS, "Phiếu GH-0001")


@pytest.fixture
async def provider(office: Credential) -> AsyncIterator[PhoneProvider]:
    async with serve(PhoneProvider({"key-1": office})) as served:
        yield served


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(follow_redirects=False, timeout=None) as client:
        yield client


def made(http: httpx.AsyncClient, provider: PhoneProvider, *, patience: float = 20, **more: Any) -> CscClient:
    settings = RemoteProvider.model_validate(
        {"name": "one", "label": "One", "url": provider.base, "version": provider.version, **more}
    )
    quick = Downloads(http, frozenset(), more.pop("seconds", 20))
    return CscClient(settings, quick, Downloads(http, frozenset(), patience))


async def signed(client: CscClient) -> bytes:
    grant = await client.authorize(WANTED, {})
    assert grant.sad
    return await client.sign(WANTED, grant.sad)


async def test_key_signs_once_for_each_right(http: httpx.AsyncClient, provider: PhoneProvider) -> None:
    client = made(http, provider)
    (key,) = (await client.find_keys("key-1")).by_id.values()
    assert key.cert.certificates == provider.keys["key-1"].chain
    grant = await client.authorize(WANTED, {})
    assert grant.sad
    assert await client.sign(WANTED, grant.sad)
    with pytest.raises(RemoteRefused) as refused:
        await client.sign(WANTED, grant.sad)
    assert refused.value.why is RemoteFailure.PROVIDER_PROBLEM


async def test_unknown_key(http: httpx.AsyncClient, provider: PhoneProvider) -> None:
    with pytest.raises(RemoteRefused) as refused:
        await made(http, provider).find_keys("another")
    assert refused.value.why is RemoteFailure.USER_UNKNOWN


async def test_person_may_have_several_keys(
    http: httpx.AsyncClient, provider: PhoneProvider, pki: Pki
) -> None:
    provider.keys["key-2"] = pki.credential("remote-second", Holder("Người thứ hai"))
    provider.users = {"0912345678": ["key-1", "key-2"]}
    client = made(http, provider, asks_for="user")
    assert list((await client.find_keys("0912345678")).by_id) == ["key-1", "key-2"]
    with pytest.raises(RemoteRefused) as refused:
        await client.find_keys("0900000000")
    assert refused.value.why is RemoteFailure.USER_UNKNOWN


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (saying(b"", 404), "user_unknown"),
        (saying(b'{"key": {"status": "gone"}}'), "provider_problem"),
        (saying(b"", 429), "status 429"),
        (saying(b" " * (256 * 1024 + 1)), "more than 262144 bytes"),
    ],
    ids=["refused", "nonsense", "busy", "long"],
)
async def test_bad_key_keeps_nobody_from_the_others(
    http: httpx.AsyncClient, provider: PhoneProvider, answer: Answer, reason: str
) -> None:
    """Without another key its own reason is told."""
    bad = {"key-2"}

    async def info(request: Request) -> Response:
        body = await request.json()
        if body["credentialID"] in bad:
            return await answer(request, b"")  # type: ignore[call-arg]
        return await provider._credentials_info(body)

    provider.instead["credentials/info"] = info
    provider.users = {"0912345678": ["key-2", "key-1"]}
    client = made(http, provider, asks_for="user")
    assert list((await client.find_keys("0912345678")).by_id) == ["key-1"]
    bad.add("key-1")
    with pytest.raises((RemoteRefused, NoAnswer), match=reason):
        await client.find_keys("0912345678")


async def test_access_token_is_fetched_once_and_again_when_it_is_refused(
    http: httpx.AsyncClient, provider: PhoneProvider
) -> None:
    provider.secret = "unknown yet"
    client = made(http, provider, auth="oauth2", client_id="giahan", secret="s3cret-of-ours")
    assert await signed(client)
    assert provider.done["oauth2/token"] == 1
    provider.secret = "revoked"
    assert await signed(client)
    assert provider.done["oauth2/token"] == 2


async def test_bearer(http: httpx.AsyncClient, provider: PhoneProvider) -> None:
    provider.secret = "t0ken"
    assert await signed(made(http, provider, auth="bearer", secret="t0ken"))
    with pytest.raises(RemoteRefused) as refused:
        await signed(made(http, provider, auth="bearer", secret="another"))
    assert refused.value.why is RemoteFailure.PROVIDER_PROBLEM


async def test_wrong_secret_of_ours_is_in_no_log(
    http: httpx.AsyncClient, provider: PhoneProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.signing.signatures.remote.client.log", structlog.get_logger())
    client = made(http, provider, auth="oauth2", client_id="giahan", secret="s3cret-but-wrong")
    with structlog.testing.capture_logs() as logs, pytest.raises(RemoteRefused) as refused:
        await client.find_keys("key-1")
    assert refused.value.why is RemoteFailure.PROVIDER_PROBLEM
    assert "invalid_client" in str(logs)
    assert "s3cret" not in f"{logs}{client!r}{refused.value!r}"


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_wrong_code_and_refusal_on_the_phone(
    http: httpx.AsyncClient, provider: PhoneProvider, version: str, capfd: pytest.CaptureFixture[str]
) -> None:
    provider.version, provider.pin = version, "482913"
    client = made(http, provider)
    (key,) = (await client.find_keys("key-1")).by_id.values()
    with pytest.raises(RemoteRefused) as refused:
        await client.authorize(WANTED, key.answers(Codes(SecretStr("482914"))))
    assert refused.value.why is RemoteFailure.CODE_WRONG
    provider.phone = False
    with pytest.raises(RemoteRefused) as refused:
        await client.authorize(WANTED, key.answers(Codes(SecretStr("482913"))))
    assert refused.value.why is RemoteFailure.REFUSED
    out, err = capfd.readouterr()
    assert "482913" not in out + err, "neither ours, nor what the provider quotes"


async def test_confirmation_that_comes_later(http: httpx.AsyncClient, provider: PhoneProvider) -> None:
    provider.version, provider.phone = "v2", None
    client = made(http, provider)
    grant = await client.authorize(WANTED, {})
    assert (grant.sad, (await client.check(grant.handle)).handle) == (None, grant.handle)
    provider.confirm()
    assert (await client.check(grant.handle)).sad
    with pytest.raises(NotConfirmed):
        await client.check("a handle that it has forgotten")


async def test_nobody_confirms_in_time(http: httpx.AsyncClient, provider: PhoneProvider) -> None:
    provider.phone = None
    with pytest.raises(NotConfirmed):
        await made(http, provider, patience=0.2).authorize(WANTED, {})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (saying(b"", 500), NoAnswer),
        (saying(b"", 503), NoAnswer),
        (saying(b"", 429), NoAnswer),
        (drip, NoAnswer),
        (saying(b"<html>"), RemoteRefused),
        (saying(b"{}"), RemoteRefused),
        (saying(b"[]", 400), RemoteRefused),
        (saying(b"\xff", 418), RemoteRefused),
        (leading_to("http://127.0.0.1:1/elsewhere"), RemoteRefused),
    ],
)
async def test_bad_answer(
    http: httpx.AsyncClient, provider: PhoneProvider, answer: Answer, error: type[Exception]
) -> None:
    async def instead(request: Request) -> Response:
        return await answer(request, b"")  # type: ignore[call-arg]

    for method in ("credentials/info", "credentials/authorize"):
        provider.instead[method] = instead
    client = made(http, provider)
    for asked in (client.find_keys("key-1"), client.authorize(WANTED, {})):
        with pytest.raises(error):
            await asked


async def test_provider_that_hangs_or_is_gone(http: httpx.AsyncClient, provider: PhoneProvider) -> None:
    async def silent(request: Request) -> Response:
        return await hang(request, b"")

    provider.instead["credentials/info"] = silent
    client = made(http, provider)
    slow = CscClient(client.provider, Downloads(http, frozenset(), 0.2), client.patient)
    with pytest.raises(NoAnswer):
        await slow.find_keys("key-1")
    gone = client.provider.model_copy(update={"url": "http://127.0.0.1:1/csc/v1"})
    with pytest.raises(NoAnswer):
        await CscClient(gone, client.quick, client.patient).authorize(WANTED, {})
