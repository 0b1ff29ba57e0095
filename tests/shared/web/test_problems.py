"""Errors over HTTP: problem+json in the caller's language, without internal details."""

from datetime import date

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, field_validator
from pydantic_core import PydanticCustomError
from pymongo.errors import AutoReconnect

from shared.resilience.errors import Conflict, KeyReused, MissingDocument
from shared.text.i18n import Text
from shared.web import problems
from shared.web.problems import FieldError, Problem


class Order(BaseModel):
    years: int
    wanted_on: date
    code: str = "ok"

    @field_validator("code")
    @classmethod
    def _known(cls, code: str) -> str:
        if code != "ok":
            raise PydanticCustomError("unknown_code", "No such code", {"vi": "Không có mã này"})
        return code


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app)

    @app.post("/orders")
    async def order(order: Order) -> str:
        return "ok"

    @app.get("/refused")
    async def refused() -> None:
        error = FieldError(pointer="/office/tax_code", rule="checksum", message=("Sai mã số", "Wrong code"))
        raise Problem(409, "open-registration", Text("Đã đăng ký", "Registered"), [error], registration="r1")

    @app.get("/reused")
    async def reused() -> None:
        raise KeyReused

    @app.get("/gone")
    async def gone() -> None:
        raise MissingDocument("ab" * 32)

    @app.api_route("/lost", methods=["GET", "POST"])
    async def lost() -> None:
        raise Conflict("offices: lost 8 races in a row")

    @app.api_route("/away", methods=["GET", "POST"])
    async def away() -> None:
        raise AutoReconnect("offices: no primary at mongodb://user:secret@host")

    @app.api_route("/broken", methods=["GET", "POST"])
    async def broken() -> None:
        raise RuntimeError("mongodb://user:secret@host")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://service")


async def test_problem_is_in_vietnamese_by_default(client: httpx.AsyncClient) -> None:
    answer = await client.get("/refused")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:giahan:problem:open-registration",
        "title": "Đã đăng ký",
        "status": 409,
        "errors": [{"pointer": "/office/tax_code", "rule": "checksum", "message": "Sai mã số"}],
        "registration": "r1",
    }


async def test_problem_is_in_english_on_request(client: httpx.AsyncClient) -> None:
    answer = await client.get("/refused", headers={"accept-language": "en-GB,en;q=0.9,vi;q=0.5"})
    assert answer.json()["title"] == "Registered"
    assert answer.json()["errors"][0]["message"] == "Wrong code"


async def test_every_wrong_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/orders", json={"wanted_on": "31/12/2026", "code": "x"})
    assert answer.status_code == 422
    errors = {error["pointer"]: (error["rule"], error["message"]) for error in answer.json()["errors"]}
    assert errors == {
        "/years": ("missing", "Chưa khai báo"),
        "/wanted_on": ("date_from_datetime_parsing", "Ngày chưa đúng dạng năm-tháng-ngày"),
        "/code": ("unknown_code", "Không có mã này"),
    }


async def test_body_that_is_no_json_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/orders", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:giahan:problem:invalid")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/orders", 405)])
async def test_unknown_path_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/reused", 422, "idempotency-key-reused"),
        ("/lost", 503, "busy"),
        ("/away", 503, "unavailable"),
    ],
)
async def test_errors_of_a_save_are_problems(
    client: httpx.AsyncClient, path: str, status: int, name: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:giahan:problem:{name}")
    assert "offices" not in answer.text


async def test_unexpected_error_shows_no_details(client: httpx.AsyncClient) -> None:
    answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:giahan:problem:internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/lost", "/away", "/broken"])
async def test_answer_to_a_read_does_not_mention_recording(client: httpx.AsyncClient, path: str) -> None:
    read, written = await client.get(path), await client.post(path)
    assert "ghi nhận" in written.json()["title"]
    assert "ghi nhận" not in read.json()["title"]
    assert (read.status_code == 503) is ("retry-after" in read.headers)


async def test_a_document_that_was_deleted_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.get("/gone")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:giahan:problem:document-gone")
    assert answer.json()["title"] == problems.TITLES["document-gone"].vi
