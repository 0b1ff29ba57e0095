"""Errors over HTTP: RFC 9457 problem+json, in the caller's language."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.resilience import denials
from shared.resilience.errors import Interrupted, KeyReused, MissingDocument, OutOfTime, Transient
from shared.resilience.retry import is_transient
from shared.storage.last_known import Silent
from shared.text.i18n import Text, TextCatalogue, read_texts

_RETRY_SECONDS = {503: 30}

_FOLDER = Path(__file__).parent / "texts"
_TEXTS = TextCatalogue(_FOLDER)
TITLES = _TEXTS.part("problem")
"""By the problem's name."""
_TO_READERS = _TEXTS.part("reader")
_STATUSES = _TEXTS.part("status")
_VI = read_texts(_FOLDER / "libraries.vi.toml")


class FieldError(BaseModel):
    """What is wrong with one field: `pointer` is a JSON pointer, `rule` a stable name."""

    pointer: str
    rule: str
    message: Text


class Problem(Exception):
    """Ends a request with `status` and a body of type `urn:giahan:problem:NAME`. `retry_after`: after how
    many seconds a new attempt may succeed."""

    def __init__(
        self,
        status: int,
        name: str,
        title: Text,
        errors: Sequence[FieldError] = (),
        **more: Any,
    ) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.title = title
        self.errors = errors
        self.retry_after = _RETRY_SECONDS.get(status)
        self.more = more


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem, which shows no internal details."""
    for kind in (
        Problem,
        RequestValidationError,
        HTTPException,
        KeyReused,
        MissingDocument,
        Interrupted,
        Transient,
        Exception,
    ):
        app.add_exception_handler(kind, _handle)


def as_problem(error: Exception, method: str = "") -> Problem:
    """The problem that answers an error. The answer to GET or HEAD does not mention data that may not have
    been recorded."""
    problem = _problem(error)
    if method in ("GET", "HEAD") and problem.name in _TO_READERS:
        return Problem(problem.status, problem.name, _TO_READERS[problem.name])
    return problem


def _problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return _from_http(error)
        case KeyReused():
            return Problem(422, "idempotency-key-reused", TITLES["idempotency-key-reused"])
        case MissingDocument():
            return Problem(404, "document-gone", TITLES["document-gone"])
        case Silent():
            return Problem(503, "unavailable", _TO_READERS["unavailable"])
        case OutOfTime():
            return Problem(503, "out-of-time", TITLES["out-of-time"])
        case Interrupted() | Transient():
            return Problem(503, "busy", TITLES["busy"])
    if is_transient(error):
        denials.note(error)
        return Problem(503, "unavailable", TITLES["unavailable"])
    return Problem(500, "internal", TITLES["internal"])


async def _handle(request: Request, error: Exception) -> Response:
    return answer(request, as_problem(error, request.method))


def _english(request: Request) -> bool:
    return request.headers.get("accept-language", "vi").strip().lower().startswith("en")


def answer(request: Request, problem: Problem) -> Response:
    """The response with the problem, in the caller's language."""
    language = 1 if _english(request) else 0
    errors = [{"pointer": e.pointer, "rule": e.rule, "message": e.message[language]} for e in problem.errors]
    body = {
        "type": f"urn:giahan:problem:{problem.name}",
        "title": problem.title[language],
        "status": problem.status,
        **({"errors": errors} if errors else {}),
        **problem.more,
    }
    headers = {"retry-after": str(problem.retry_after)} if problem.retry_after else None
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def invalid(errors: Sequence[FieldError]) -> Problem:
    """The request breaks rules of its fields."""
    return Problem(422, "invalid", TITLES["invalid"], errors)


def _invalid(error: RequestValidationError) -> Problem:
    errors = [
        FieldError(
            pointer="/" + "/".join(str(part) for part in e["loc"] if part != "body"),
            rule=e["type"],
            message=Text(_vietnamese(e), e["msg"]),
        )
        for e in error.errors()
    ]
    return invalid(errors)


def _vietnamese(error: dict[str, Any]) -> str:
    """The text of the project's own validators (`ctx["vi"]`), or the catalogue's text for pydantic's rule."""
    own = error.get("ctx", {}).get("vi")
    return str(own) if own else _VI.get(f"pydantic.{error['type']}", _VI["pydantic.other"])


def _from_http(error: HTTPException) -> Problem:
    title = _STATUSES.get(str(error.status_code), Text(_VI["http.other"], str(error.detail)))
    return Problem(error.status_code, "http", title)
