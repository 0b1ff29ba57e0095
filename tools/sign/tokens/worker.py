"""The work of a child process: one order on one PKCS#11 library."""

import re

import pkcs11
from pkcs11.exceptions import PKCS11Error

from tools.sign.failure import FailureCode
from tools.sign.tokens.orders import ORDER, OrderFailure, ReadOrder
from tools.sign.tokens.reader import read
from tools.sign.tokens.signer import OrderRefused, sign

UNLOADABLE = "unloadable"


def work(request: bytes) -> bytes:
    """The answer to an order, both as JSON. Errors of the library are answers too."""
    order = ORDER.validate_json(request)
    try:
        library = pkcs11.lib(order.library)
    except PKCS11Error as error:
        return _failure(FailureCode.TOKEN_ERROR, UNLOADABLE if _is_of_loading(error) else cause_of(error))
    try:
        answer = read(library) if isinstance(order, ReadOrder) else sign(library, order)
    except OrderRefused as refusal:
        return _failure(refusal.code, refusal.cause, refusal.pin)
    except PKCS11Error as error:
        return _failure(FailureCode.TOKEN_ERROR, cause_of(error))
    return answer.model_dump_json().encode()


def cause_of(error: PKCS11Error) -> str:
    """PinIncorrect is the exception for CKR_PIN_INCORRECT."""
    return "CKR_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).upper()


def _is_of_loading(error: PKCS11Error) -> bool:
    """The system's own error, such as a library that this one needs and is not there."""
    return type(error) is PKCS11Error


def _failure(code: FailureCode, cause: str | None, pin: object = None) -> bytes:
    return OrderFailure.model_validate({"code": code, "cause": cause, "pin": pin}).model_dump_json().encode()
