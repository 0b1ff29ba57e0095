"""The answers of the protocol as HTTP responses."""

from collections.abc import Mapping

from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from tools.sign import PROTOCOL
from tools.sign.failure import STATUS, ToolFailure, invalid


def success_response(**content: object) -> JSONResponse:
    return JSONResponse({"protocol": PROTOCOL, **content})


def failure_response(failure: ToolFailure) -> JSONResponse:
    error = {"code": failure.code, "message": failure.message._asdict(), **failure.details}
    return JSONResponse({"protocol": PROTOCOL, "error": error}, STATUS[failure.code])


def no_content(headers: Mapping[str, str]) -> Response:
    return Response(status_code=204, headers=headers)


def invalid_body(error: ValidationError) -> ToolFailure:
    """The first rule that the body breaks. What was sent is not quoted."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return invalid("".join(f"/{part}" for part in first["loc"]), first["type"])
