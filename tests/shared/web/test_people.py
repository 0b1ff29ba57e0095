"""Authentication: only valid, unexpired tokens of the platform are accepted, for what their roles allow."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.host.ports import free_port
from shared.runtime.settings import LOCAL_AUDIENCE, LOCAL_ISSUER, Platform
from shared.web import people, problems
from shared.web.people import Person, Role, TokenVerifier, require_person, token_id

Token = Callable[..., str]
KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"})
OTHER = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig"})


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    file = tmp_path / "jwks.json"
    _publish(file, KEY)
    return file


def _publish(file: Path, key: ECKey) -> None:
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))


def _write(file: Path, text: str | None) -> None:
    """None removes it."""
    file.unlink()
    if text is not None:
        file.write_text(text)


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {"iss": LOCAL_ISSUER, "aud": LOCAL_AUDIENCE, "exp": int(time.time()) + 60}
    claims |= {"sub": "p1", "office_ref": "dv-1", "roles": ["renewer"]}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _token(key: Any = KEY, algorithm: str = "ES256", **changes: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": "k1"}, _claims(**changes), key)


def _by_hand(algorithm: str, sign: Callable[[bytes], bytes]) -> str:
    """A token that the library refuses to make."""
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "kid": "k1"}, _claims())]
    signed = b".".join(map(_encoded, parts))
    return (signed + b"." + _encoded(sign(signed))).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unsigned() -> str:
    return _by_hand("none", lambda signed: b"")


def _signed_with_the_public_key() -> str:
    public = KEY.as_pem(private=False)
    return _by_hand("HS256", lambda signed: hmac.digest(public, signed, "sha256"))


def _verifier(source: str | Path) -> TokenVerifier:
    return TokenVerifier(Platform(str(source), LOCAL_ISSUER, LOCAL_AUDIENCE))


def _client(source: str) -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app)
    verifier = _verifier(source)

    @app.get("/office")
    async def office(who: Annotated[Person, Depends(require_person(verifier))]) -> str:
        return who.sub

    @app.get("/desk")
    async def desk(who: Annotated[Person, Depends(require_person(verifier, Role.DESK, Role.OPS))]) -> str:
        return who.sub

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


async def _get(source: str | Path, path: str, authorization: str | None) -> httpx.Response:
    async with _client(str(source)) as client:
        return await client.get(path, headers={"authorization": authorization} if authorization else {})


async def test_token_of_the_platform_is_the_person(jwks: Path) -> None:
    answer = await _get(jwks, "/office", f"Bearer {_token()}")
    assert (answer.status_code, answer.json()) == (200, "p1")


@pytest.mark.parametrize(
    "token",
    [
        lambda: _token(exp=int(time.time()) - 60),
        lambda: _token(exp=None),
        lambda: _token(OTHER),
        _unsigned,
        _signed_with_the_public_key,
        lambda: _token(sub=None),
        lambda: "not.a.token",
        lambda: "x",
    ],
    ids=[
        *("expired", "without_an_end", "another_key", "unsigned", "signed_with_the_public_key"),
        *("without_a_person", "garbage", "one_letter"),
    ],
)
async def test_other_tokens_are_refused(jwks: Path, token: Callable[[], str]) -> None:
    answer = await _get(jwks, "/office", f"Bearer {token()}")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:giahan:problem:unauthenticated")


_FOREIGN: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "payroll"},
    "many audiences, none ours": {"aud": ["payroll", f"{LOCAL_AUDIENCE}2"]},
    "no audience": {"aud": None},
    "empty audience": {"aud": []},
    "audience as an object": {"aud": {LOCAL_AUDIENCE: 1}},
    "audience beside a number": {"aud": [LOCAL_AUDIENCE, 5]},
    "another issuer": {"iss": "https://id.example"},
    "issuer in other letters": {"iss": LOCAL_ISSUER.upper()},
    "issuer as a list": {"iss": [LOCAL_ISSUER]},
    "no issuer": {"iss": None},
    "end as text": {"exp": "99999999999"},
    "end as truth": {"exp": True},
    "end that is no number": {"exp": float("nan")},
    "end that never comes": {"exp": float("inf")},
    "not yet": {"nbf": int(time.time()) + 3600},
    "not before as text": {"nbf": "0"},
    "issued in the future": {"iat": int(time.time()) + 3600},
    "no name": {"sub": ""},
    "NUL in the name": {"sub": "a\0b"},
    "control in the name": {"sub": "a\x1b[31m"},
    "line end in the name": {"sub": "p1\n"},
    "space in the name": {"sub": "p 1"},
    "bidi in the name": {"sub": "p1\u202e"},
    "name too long": {"sub": "p" * 256},
    "name as a number": {"sub": 5},
    "empty office": {"office_ref": ""},
    "NUL in the office": {"office_ref": "dv-1\0"},
    "line end in the office": {"office_ref": "dv-1\n"},
    "operator as office": {"office_ref": {"$ne": ""}},
    "office too long": {"office_ref": "d" * 65},
}


@pytest.mark.parametrize("changes", _FOREIGN.values(), ids=_FOREIGN)
async def test_foreign_or_malformed_tokens_are_refused(jwks: Path, changes: dict[str, Any]) -> None:
    answer = await _get(jwks, "/office", f"Bearer {_token(**changes)}")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:giahan:problem:unauthenticated")


@pytest.mark.parametrize("audience", [LOCAL_AUDIENCE, [LOCAL_AUDIENCE], ["payroll", LOCAL_AUDIENCE]])
async def test_token_may_have_several_audiences(jwks: Path, audience: object) -> None:
    assert (await _get(jwks, "/office", f"Bearer {_token(aud=audience)}")).status_code == 200


@pytest.mark.parametrize(
    ("roles", "known"),
    [
        (["accountant", "desk"], {Role.DESK}),
        (["Desk", " desk"], set()),
        (["accountant"], set()),
        ([None, 5, {"desk": 1}, ["ops"], "member"], {Role.MEMBER}),
        ([], set()),
        (None, set()),
        ("desk", set()),
        ({"desk": True}, set()),
    ],
)
async def test_roles_of_other_products_are_ignored(jwks: Path, roles: object, known: set[Role]) -> None:
    assert (await _verifier(jwks).verify(_token(roles=roles))).roles == known


@pytest.mark.parametrize(
    "token",
    [
        "." * 3,
        f"{'A' * 20_000}.e30.e30",
        f"{base64.urlsafe_b64encode(b'[' * 9000).decode()}.e30.e30",
        "é.é.é",
        "\udcff.a.b",
    ],
    ids=["dots", "long", "deep", "letters", "no_text"],
)
async def test_arbitrary_bytes_get_401(jwks: Path, token: str) -> None:
    with pytest.raises(problems.Problem) as refused:
        await _verifier(jwks).verify(token)
    assert refused.value.status == 401


def test_token_id_ignores_the_signature() -> None:
    """An ECDSA signature can be encoded in two ways, so the same token can have two texts."""
    token = _token()
    assert token_id(token) == token_id(f"{token.rpartition('.')[0]}.another")
    assert token_id(token) != token_id(_token(sub="p2"))


async def test_keys_of_unknown_kinds_are_ignored(jwks: Path) -> None:
    others = [
        {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"},
        {"kty": "EC", "crv": "P-999", "x": "A", "y": "A"},
    ]
    _write(jwks, json.dumps({"keys": [*others, KEY.as_dict(private=False)]}))
    assert (await _verifier(jwks).verify(_token())).sub == "p1"


async def test_outage_of_the_platform_delays_no_request(jwks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request fetches the keys, and not again at once after a failure; the others use the present
    keys."""
    verifier = _verifier(jwks)
    await verifier.verify(_token())
    fetches = 0
    fetching, answers = asyncio.Event(), asyncio.Event()

    async def hangs() -> Any:
        nonlocal fetches
        fetches += 1
        fetching.set()
        await answers.wait()
        raise OSError

    monkeypatch.setattr(verifier, "_fetch", hangs)
    monkeypatch.setattr(people, "_KEYS_SECONDS", -1.0)
    first = asyncio.create_task(verifier.verify(_token()))
    await fetching.wait()
    assert [(await verifier.verify(_token())).sub for _ in range(3)] == ["p1"] * 3
    answers.set()
    await first
    assert (await verifier.verify(_token())).sub == "p1"
    assert fetches == 1


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "Bearer "])
async def test_request_without_a_token_gets_401(jwks: Path, header: str | None) -> None:
    assert (await _get(jwks, "/office", header)).status_code == 401


async def test_role_is_required(jwks: Path) -> None:
    refused = await _get(jwks, "/desk", f"Bearer {_token()}")
    allowed = await _get(jwks, "/desk", f"Bearer {_token(roles=['desk'], office_ref=None)}")
    assert (refused.status_code, allowed.status_code) == (403, 200)


@pytest.mark.parametrize(
    ("roles", "office_ref", "belongs"),
    [
        (["member"], "dv-1", True),
        (["renewer"], "dv-2", False),
        (["desk"], "dv-1", False),
        ([], "dv-1", False),
    ],
)
def test_person_belongs_only_to_their_own_office(roles: list[str], office_ref: str, belongs: bool) -> None:
    person = Person.model_validate({"sub": "p", "office_ref": office_ref, "roles": roles})
    assert person.belongs_to("dv-1") is belongs


async def test_new_key_of_the_platform_is_fetched(jwks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_REFETCH_SECONDS", 0.0)
    verifier = _verifier(jwks)
    assert (await verifier.verify(_token())).sub == "p1"
    _publish(jwks, OTHER)
    assert (await verifier.verify(_token(OTHER))).sub == "p1"


async def test_unreachable_platform_gets_503() -> None:
    answer = await _get(f"http://127.0.0.1:{free_port()}/jwks.json", "/office", f"Bearer {_token()}")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:giahan:problem:people-unreachable")


async def test_old_keys_are_used_while_they_cannot_be_fetched(
    jwks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage at the platform must not lock everyone out."""
    verifier = _verifier(jwks)
    assert (await verifier.verify(_token())).sub == "p1"
    monkeypatch.setattr(people, "_KEYS_SECONDS", -1.0)
    for broken in ("", "[]", '{"keys": 5}'):
        _write(jwks, broken)
        assert (await verifier.verify(_token())).sub == "p1"
    _write(jwks, None)
    assert (await verifier.verify(_token())).sub == "p1"
    monkeypatch.setattr(people, "_KEPT_SECONDS", -1.0)
    with pytest.raises(problems.Problem) as refused:
        await verifier.verify(_token())
    assert refused.value.status == 503
