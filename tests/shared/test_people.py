"""Who is asking: only tokens of the platform, in time, and only for what their roles allow."""

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

from deploy.local.ports import free_port
from shared import people, problems
from shared.people import Keys, Person, Role, asking

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
    claims = {"sub": "p1", "office_ref": "dv-1", "roles": ["renewer"], "exp": int(time.time()) + 60}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _token(key: Any = KEY, algorithm: str = "ES256", **changes: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": "k1"}, _claims(**changes), key)


def _by_hand(algorithm: str, sign: Callable[[bytes], bytes]) -> str:
    """What the library refuses to make."""
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


def _client(source: str) -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app)
    keys = Keys(source)

    @app.get("/office")
    async def office(who: Annotated[Person, Depends(asking(keys))]) -> str:
        return who.sub

    @app.get("/desk")
    async def desk(who: Annotated[Person, Depends(asking(keys, Role.DESK, Role.OPS))]) -> str:
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


@pytest.mark.parametrize("header", [None, "Basic eDp5", "Bearer", "Bearer "])
async def test_without_a_token_nobody_is_asking(jwks: Path, header: str | None) -> None:
    assert (await _get(jwks, "/office", header)).status_code == 401


async def test_role_decides(jwks: Path) -> None:
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
def test_person_belongs_to_the_own_office_only(roles: list[str], office_ref: str, belongs: bool) -> None:
    person = Person.model_validate({"sub": "p", "office_ref": office_ref, "roles": roles})
    assert person.belongs_to("dv-1") is belongs


async def test_new_key_of_the_platform_is_fetched(jwks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_REFETCH_SECONDS", 0.0)
    keys = Keys(str(jwks))
    assert (await keys.verify(_token())).sub == "p1"
    _publish(jwks, OTHER)
    assert (await keys.verify(_token(OTHER))).sub == "p1"


async def test_platform_that_is_away_is_not_the_persons_fault() -> None:
    answer = await _get(f"http://127.0.0.1:{free_port()}/jwks.json", "/office", f"Bearer {_token()}")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:giahan:problem:people-unreachable")


async def test_keys_at_hand_serve_while_they_cannot_be_renewed(
    jwks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage at the platform must not lock everyone out."""
    keys = Keys(str(jwks))
    assert (await keys.verify(_token())).sub == "p1"
    monkeypatch.setattr(people, "_KEYS_SECONDS", -1.0)
    for broken in ("", "[]", '{"keys": 5}'):
        _write(jwks, broken)
        assert (await keys.verify(_token())).sub == "p1"
    _write(jwks, None)
    assert (await keys.verify(_token())).sub == "p1"
    monkeypatch.setattr(people, "_KEPT_SECONDS", -1.0)
    with pytest.raises(problems.Problem) as refused:
        await keys.verify(_token())
    assert refused.value.status == 503
