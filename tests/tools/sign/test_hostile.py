"""Requests that no honest page makes."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.tools.sign.conftest import Office
from tests.tools.sign.served import SITE, ServedTool, error_of, serve, signature_body
from tools.sign.routes import MOST_BYTES

CERTIFICATE = "0" * 64


@pytest.fixture
async def served(office: Office, tmp_path: Path) -> AsyncIterator[ServedTool]:
    async with serve(tmp_path, office.library) as one:
        yield one


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, error_of(answer)["code"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "[::1]:{port}", ""])
async def test_a_foreign_host_is_refused(served: ServedTool, host: str) -> None:
    answer = await served.site.get("/v1/tool", headers={"Host": host.format(port=served.port)})
    assert code_of(answer) == (403, "host_refused")


async def test_localhost_is_an_own_host(served: ServedTool) -> None:
    answer = await served.site.get("/v1/tool", headers={"Host": f"localhost:{served.port}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("origin", ["null", "", "http://giahan.example.vn", "https://giahan.example.vn/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_an_origin_that_is_none_is_refused_without_cors(
    served: ServedTool, method: str, origin: str
) -> None:
    answer = await served.site.request(method, "/v1/tool", headers={"Origin": origin})
    assert code_of(answer) == (403, "origin_refused")
    assert "access-control-allow-origin" not in answer.headers


async def test_no_origin_and_two_origins_are_refused(served: ServedTool) -> None:
    async with httpx.AsyncClient(base_url=served.url, trust_env=False, verify=False) as client:
        assert code_of(await client.get("/v1/tool")) == (403, "origin_refused")
        twice = [("Origin", SITE), ("Origin", SITE)]
        assert code_of(await client.get("/v1/tool", headers=twice)) == (403, "origin_refused")


async def test_a_preflight_names_the_origin_that_asks_and_no_credentials(served: ServedTool) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = await served.site.options("/v1/signatures", headers=asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    assert answer.headers["access-control-allow-headers"] == "Content-Type"
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-private-network" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_for_the_private_network_is_answered(served: ServedTool) -> None:
    answer = await served.site.options("/v1/tool", headers={"Access-Control-Request-Private-Network": "true"})
    assert answer.headers["access-control-allow-private-network"] == "true"


async def test_answers_and_errors_can_be_read_by_the_page(served: ServedTool) -> None:
    for answer in (await served.site.get("/v1/tool"), await served.site.get("/v1/nothing")):
        assert answer.headers["access-control-allow-origin"] == SITE
        assert answer.headers["vary"] == "Origin"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/v1/pairing"), ("DELETE", "/v1/tool")])
async def test_what_the_protocol_has_not_is_not_found(served: ServedTool, method: str, path: str) -> None:
    assert code_of(await served.site.request(method, path)) == (404, "not_found")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_of_another_kind_is_refused(served: ServedTool, kind: str) -> None:
    answer = await served.site.post("/v1/signatures", content=b"{}", headers={"Content-Type": kind})
    assert (answer.status_code, error_of(answer)["rule"]) == (400, "content_type")


@pytest.mark.parametrize("content", [b"", b"[]", b"nonsense", b"\xff\xfe", b"{" * 5000, b'{"digest": NaN}'])
async def test_a_body_that_is_no_object_is_refused(served: ServedTool, content: bytes) -> None:
    json_kind = {"Content-Type": "application/json; charset=utf-8"}
    answer = await served.site.post("/v1/signatures", content=content, headers=json_kind)
    assert code_of(answer) == (400, "request_invalid")


async def test_a_huge_body_is_refused_whole_or_in_chunks(served: ServedTool) -> None:
    json_kind = {"Content-Type": "application/json"}
    huge = b'{"title": "' + b"x" * MOST_BYTES + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(huge), 1000):
            yield huge[start : start + 1000]

    for content in (huge, chunks()):
        answer = await served.site.post("/v1/signatures", content=content, headers=json_kind)
        assert (answer.status_code, error_of(answer)["rule"]) == (400, "too_large")


async def test_a_chunked_body_of_the_right_size_is_read(served: ServedTool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{"
        yield b"}"

    answer = await served.site.post(
        "/v1/pairing", content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200


def _document(**changed: str) -> dict[str, str]:
    return {"title": "Phiếu", "number": "1", "sha256": "ab" * 32} | changed


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"digest": base64.b64encode(bytes(31)).decode()}, "/digest"),
        ({"digest": base64.b64encode(bytes(48)).decode()}, "/digest"),
        ({"digest": "not base64!"}, "/digest"),
        ({"digest": ""}, "/digest"),
        ({"algorithm": "RS1"}, "/algorithm"),
        ({"algorithm": "ES384"}, "/digest"),
        ({"certificate": "../../etc/passwd"}, "/certificate"),
        ({"certificate": None}, "/certificate"),
        ({"document": None}, "/document"),
        ({"document": _document(title="")}, "/document/title"),
        ({"document": _document(title="x" * 301)}, "/document/title"),
        ({"document": _document(title="\x1b[2J")}, "/document/title"),
        ({"document": _document(title="a\u202egnp.exe")}, "/document/title"),
        ({"document": _document(number="1\n2")}, "/document/number"),
        ({"document": _document(sha256="AB" * 32)}, "/document/sha256"),
    ],
)
async def test_a_field_that_breaks_its_rule_is_named_and_not_quoted(
    served: ServedTool, changed: dict[str, Any], pointer: str
) -> None:
    answer = await served.site.post("/v1/signatures", json=signature_body(CERTIFICATE) | changed)
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["pointer"]) == (400, "request_invalid", pointer)
    assert error["rule"]
    assert served.person.asked.empty()


async def test_a_pin_sent_over_http_is_of_no_use(served: ServedTool) -> None:
    body = signature_body(CERTIFICATE) | {"pin": "1234"}
    answer = await served.site.post("/v1/signatures", json=body)
    assert code_of(answer) == (404, "certificate_unknown")
    assert "1234" not in json.dumps(error_of(answer))


async def test_a_client_that_never_ends_its_request_holds_up_nobody(served: ServedTool) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = f"POST /v1/pairing HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nOrigin: {SITE}\r\n"
    writer.write((head + "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{").encode())
    await writer.drain()
    assert (await served.site.get("/v1/tool")).status_code == 200
    writer.close()
    await writer.wait_closed()
