"""Reads a JSON file of the operator into a model, or says which file is wrong and how."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.runtime.settings import BadSettings, bad_settings

M = TypeVar("M", bound=BaseModel)

_VIETNAMESE = {
    "json_invalid": "không đọc được JSON",
    "missing": "thiếu trường này",
    "extra_forbidden": "không có trường này",
    "enum": "không nằm trong các giá trị được phép",
    "literal_error": "không nằm trong các giá trị được phép",
    "int_type": "phải là số nguyên",
    "string_type": "phải là chuỗi ký tự",
    "string_pattern_mismatch": "chưa đúng dạng",
    "greater_than_equal": "nhỏ hơn mức cho phép",
    "less_than_equal": "lớn hơn mức cho phép",
}


def load(file: Path, model: type[M], context: Mapping[str, Any] | None = None) -> M:
    """Read the file strictly: a number in quotes is an error. Raises BadSettings."""
    try:
        return model.model_validate_json(file.read_bytes(), strict=True, context=dict(context or {}))
    except OSError:
        raise settings_error(file, "", "không đọc được tệp", "the file can't be read") from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise bad_settings(_line(file, *_error_text(detail)) for detail in details) from None


def settings_error(file: Path, place: str, vietnamese: str, english: str) -> BadSettings:
    """The error of a process that can't start because of `file`; `place` is the place in the file."""
    return bad_settings([_line(file, place, vietnamese, english)])


def _line(file: Path, place: str, vietnamese: str, english: str) -> str:
    return f"{file}: {f'{place}: ' if place else ''}{vietnamese} / {english}"


def _error_text(detail: ErrorDetails) -> tuple[str, str, str]:
    """The place, and the error in Vietnamese and English. The product's own rules bring their Vietnamese
    text."""
    own = detail.get("ctx", {}).get("vi")
    vietnamese = own or _VIETNAMESE.get(detail["type"], "giá trị chưa đúng")
    return ".".join(map(str, detail["loc"])), vietnamese, detail["msg"]
