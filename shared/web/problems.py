"""Errors over HTTP: RFC 9457 problem+json, in the caller's language."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.resilience import denials
from shared.resilience.errors import Interrupted, KeyReused, OutOfTime, Transient
from shared.resilience.retry import is_transient
from shared.storage.last_known import Silent

_RETRY_SECONDS = {503: 30}

Text = tuple[str, str]
"""A text for people: Vietnamese, English."""


class FieldError(BaseModel):
    """What is wrong with one field: `pointer` is a JSON pointer, `rule` a stable name."""

    pointer: str
    rule: str
    message: Text


class Problem(Exception):
    """Ends a request with `status` and a body of type `urn:giahan:problem:NAME`. `retry_after`: in how many
    seconds it may go better."""

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
    """Every error of the app becomes a problem, and none shows internal details."""
    for kind in (
        Problem,
        RequestValidationError,
        HTTPException,
        KeyReused,
        Interrupted,
        Transient,
        Exception,
    ):
        app.add_exception_handler(kind, _handle)


def as_problem(error: Exception, method: str = "") -> Problem:
    """The problem that answers an error. To a GET or HEAD it says nothing of data perhaps not recorded."""
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
            return Problem(422, "idempotency-key-reused", _KEY_REUSED)
        case Silent():
            return Problem(503, "unavailable", _SILENT)
        case OutOfTime():
            return Problem(503, "out-of-time", _OUT_OF_TIME)
        case Interrupted() | Transient():
            return Problem(503, "busy", _BUSY)
    if is_transient(error):
        denials.note(error)
        return Problem(503, "unavailable", _UNAVAILABLE)
    return Problem(500, "internal", _UNEXPECTED)


async def _handle(request: Request, error: Exception) -> Response:
    return answer(request, as_problem(error, request.method))


def _english(request: Request) -> bool:
    return request.headers.get("accept-language", "vi").strip().lower().startswith("en")


def answer(request: Request, problem: Problem) -> Response:
    """The problem in the caller's language."""
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


def _invalid(error: RequestValidationError) -> Problem:
    errors = [
        FieldError(
            pointer="/" + "/".join(str(part) for part in e["loc"] if part != "body"),
            rule=e["type"],
            message=(_vietnamese(e), e["msg"]),
        )
        for e in error.errors()
    ]
    return Problem(422, "invalid", ("Thông tin gửi lên chưa đúng", "The request is not valid"), errors)


def _vietnamese(error: dict[str, Any]) -> str:
    """Our own validators bring their text along (`ctx["vi"]`); pydantic's are in the table below."""
    own = error.get("ctx", {}).get("vi")
    return str(own) if own else _VIETNAMESE.get(error["type"], "Giá trị chưa đúng")


def _from_http(error: HTTPException) -> Problem:
    titles = {
        404: ("Không tìm thấy", "Not found"),
        405: ("Không được phép", "Not allowed"),
        408: ("Nội dung gửi lên không đến đủ", "What was sent did not arrive whole"),
        413: ("Nội dung gửi lên quá lớn", "What was sent is too large"),
    }
    title = titles.get(error.status_code, ("Yêu cầu không thực hiện được", str(error.detail)))
    return Problem(error.status_code, "http", title)


_KEY_REUSED = (
    "Idempotency-Key này đã dùng cho một yêu cầu khác",
    "This Idempotency-Key was used for another request",
)
_BUSY = (
    "Máy chủ đang bận, thông tin của đơn vị chưa được ghi nhận. Vui lòng thử lại sau ít phút",
    "The server is busy and nothing was recorded. Please try again in a few minutes",
)
_OUT_OF_TIME = (
    "Máy chủ đang bận nên chưa làm xong kịp. Vui lòng thử lại sau ít phút; gửi lại không bị ghi nhận hai lần",
    "The server is busy and was not done in time. Please try again in a few minutes; nothing is done twice",
)
_UNEXPECTED = (
    "Hệ thống gặp lỗi, thông tin của đơn vị chưa được ghi nhận. Vui lòng thử lại",
    "Something failed on our side and nothing was recorded. Please try again",
)

_UNAVAILABLE = (
    "Hệ thống tạm thời chưa phục vụ được và có thể chưa ghi nhận thông tin của đơn vị. Vui lòng kiểm tra, "
    "rồi thử lại sau ít phút",
    "The service can't answer for the moment and may not have recorded this. Please check, and try again "
    "in a few minutes",
)
_SILENT = (
    "Hệ thống tạm thời chưa trả lời được. Vui lòng thử lại sau ít phút",
    "The service can't answer for the moment. Please try again in a few minutes",
)
_TO_READERS = {
    "busy": _SILENT,
    "unavailable": _SILENT,
    "internal": ("Hệ thống gặp lỗi. Vui lòng thử lại", "Something failed on our side. Please try again"),
}
_VIETNAMESE = {
    "missing": "Chưa khai báo",
    "date_from_datetime_parsing": "Ngày chưa đúng dạng năm-tháng-ngày",
    "date_parsing": "Ngày chưa đúng dạng năm-tháng-ngày",
    "int_parsing": "Phải là số nguyên",
    "greater_than_equal": "Nhỏ hơn mức cho phép",
    "less_than_equal": "Lớn hơn mức cho phép",
    "string_too_long": "Dài quá mức cho phép",
    "string_too_short": "Ngắn quá mức cho phép",
    "string_pattern_mismatch": "Chưa đúng dạng",
    "enum": "Không nằm trong các giá trị được phép",
    "literal_error": "Không nằm trong các giá trị được phép",
    "extra_forbidden": "Không có trường này",
    "json_invalid": "Không đọc được JSON",
    "uuid_parsing": "Mã chưa đúng dạng",
}
