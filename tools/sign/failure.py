"""What can go wrong, each with its code and HTTP status. The words are in texts/*.toml under `[failure]`."""

from enum import StrEnum

from tools.sign.texts import Wording, words


class FailureCode(StrEnum):
    HOST_REFUSED = "host_refused"
    ORIGIN_REFUSED = "origin_refused"
    ORIGIN_NOT_PAIRED = "origin_not_paired"
    PAIRING_REFUSED = "pairing_refused"
    ASKED_TOO_OFTEN = "asked_too_often"
    REQUEST_INVALID = "request_invalid"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    CANCELLED = "cancelled"
    NO_SCREEN = "no_screen"
    NO_MODULE = "no_module"
    NO_TOKEN = "no_token"  # noqa: S105
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    PIN_WRONG = "pin_wrong"
    PIN_LOCKED = "pin_locked"
    PIN_LENGTH = "pin_length"
    TOKEN_ERROR = "token_error"  # noqa: S105
    TOOL_ERROR = "tool_error"


STATUS = {
    FailureCode.HOST_REFUSED: 403,
    FailureCode.ORIGIN_REFUSED: 403,
    FailureCode.ORIGIN_NOT_PAIRED: 403,
    FailureCode.PAIRING_REFUSED: 403,
    FailureCode.ASKED_TOO_OFTEN: 429,
    FailureCode.REQUEST_INVALID: 400,
    FailureCode.NOT_FOUND: 404,
    FailureCode.BUSY: 409,
    FailureCode.CANCELLED: 409,
    FailureCode.NO_SCREEN: 503,
    FailureCode.NO_MODULE: 503,
    FailureCode.NO_TOKEN: 409,
    FailureCode.CERTIFICATE_UNKNOWN: 404,
    FailureCode.CERTIFICATE_EXPIRED: 409,
    FailureCode.CERTIFICATE_NOT_YET_VALID: 409,
    FailureCode.PIN_WRONG: 403,
    FailureCode.PIN_LOCKED: 403,
    FailureCode.PIN_LENGTH: 403,
    FailureCode.TOKEN_ERROR: 502,
    FailureCode.TOOL_ERROR: 500,
}


class ToolFailure(Exception):
    """`details` go into the answer beside code and message. They hold nothing secret."""

    def __init__(self, code: FailureCode, **details: object) -> None:
        super().__init__(code.value)
        self.code = code
        self.details = details

    @property
    def message(self) -> Wording:
        return words("failure", self.code)


def invalid(pointer: str, rule: str) -> ToolFailure:
    """A request that breaks the protocol: where (a JSON pointer, empty for the whole), and which rule."""
    return ToolFailure(FailureCode.REQUEST_INVALID, pointer=pointer, rule=rule)
