"""Errors over HTTP: RFC 9457 problem+json, in the caller's language."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.faults import Interrupted, KeyReused, Transient
from shared.passing import passes

Text = tuple[str, str]
"""A text for people: Vietnamese, English."""


class FieldError(BaseModel):
    """What is wrong with one field: `pointer` is a JSON pointer, `rule` a stable name."""

    pointer: str
    rule: str
    message: Text


class Problem(Exception):
    """Ends a request with `status` and a body of type `urn:giahan:problem:NAME`."""

    def __init__(
        self, status: int, name: str, title: Text, errors: Sequence[FieldError] = (), **more: Any
    ) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.title = title
        self.errors = errors
        self.more = more


def install(app: FastAPI) -> None:
    """Every error of the app becomes a problem; none shows its inside."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(KeyReused, _key_reused)
    app.add_exception_handler(Interrupted, _busy)
    app.add_exception_handler(Transient, _busy)
    app.add_exception_handler(Exception, _unexpected)


def _english(request: Request) -> bool:
    return request.headers.get("accept-language", "vi").strip().lower().startswith("en")


def _answer(request: Request, problem: Problem) -> Response:
    language = 1 if _english(request) else 0
    errors = [{"pointer": e.pointer, "rule": e.rule, "message": e.message[language]} for e in problem.errors]
    body = {
        "type": f"urn:giahan:problem:{problem.name}",
        "title": problem.title[language],
        "status": problem.status,
        **({"errors": errors} if errors else {}),
        **problem.more,
    }
    return JSONResponse(body, problem.status, media_type="application/problem+json")


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldError(
            pointer="/" + "/".join(str(part) for part in e["loc"] if part != "body"),
            rule=e["type"],
            message=(_vietnamese(e), e["msg"]),
        )
        for e in error.errors()
    ]
    title = ("Thông tin gửi lên chưa đúng", "The request is not valid")
    return _answer(request, Problem(422, "invalid", title, errors))


def _vietnamese(error: dict[str, Any]) -> str:
    """Our own validators bring their text along (`ctx["vi"]`); pydantic's are in the table below."""
    own = error.get("ctx", {}).get("vi")
    return str(own) if own else _VIETNAMESE.get(error["type"], "Giá trị chưa đúng")


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    titles = {
        404: ("Không tìm thấy", "Not found"),
        405: ("Không được phép", "Not allowed"),
        413: ("Nội dung gửi lên quá lớn", "What was sent is too large"),
    }
    title = titles.get(error.status_code, ("Yêu cầu không thực hiện được", str(error.detail)))
    return _answer(request, Problem(error.status_code, "http", title))


async def _key_reused(request: Request, error: Exception) -> Response:
    title = (
        "Idempotency-Key này đã dùng cho một yêu cầu khác",
        "This Idempotency-Key was used for another request",
    )
    return _answer(request, Problem(422, "idempotency-key-reused", title))


async def _busy(request: Request, error: Exception) -> Response:
    title = (
        "Máy chủ đang bận, thông tin của đơn vị chưa được ghi nhận. Vui lòng thử lại sau ít phút",
        "The server is busy and nothing was recorded. Please try again in a few minutes",
    )
    return _answer(request, Problem(503, "busy", title))


async def _unexpected(request: Request, error: Exception) -> Response:
    if passes(error):
        return _answer(request, Problem(503, "unavailable", _UNAVAILABLE))
    title = (
        "Hệ thống gặp lỗi, thông tin của đơn vị chưa được ghi nhận. Vui lòng thử lại",
        "Something failed on our side and nothing was recorded. Please try again",
    )
    return _answer(request, Problem(500, "internal", title))


_UNAVAILABLE = (
    "Hệ thống tạm thời chưa phục vụ được và có thể chưa ghi nhận thông tin của đơn vị. Vui lòng kiểm tra, "
    "rồi thử lại sau ít phút",
    "The service can't answer for the moment and may not have recorded this. Please check, and try again "
    "in a few minutes",
)
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
