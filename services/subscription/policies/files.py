"""Reads a JSON file of the operator into a model, or says which file is wrong and how."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.runtime.settings import BadSettings, settings_error
from shared.text.i18n import Text, TextCatalogue, read_texts

M = TypeVar("M", bound=BaseModel)

_FOLDER = Path(__file__).parent / "texts"
TEXTS = TextCatalogue(_FOLDER)
_VI = read_texts(_FOLDER / "libraries.vi.toml")


def load(file: Path, model: type[M], context: Mapping[str, Any] | None = None) -> M:
    """Read the file strictly: a number in quotes is an error. Raises BadSettings."""
    try:
        return model.model_validate_json(file.read_bytes(), strict=True, context=dict(context or {}))
    except OSError:
        raise file_error(file, "", TEXTS.both("file.unreadable")) from None
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise settings_error(_line(file, *_error_text(detail)) for detail in details) from None


def file_error(file: Path, place: str, text: Text) -> BadSettings:
    """The error of a process that can't start because of `file`; `place` is the place in the file."""
    return settings_error([_line(file, place, text)])


def _line(file: Path, place: str, text: Text) -> str:
    return f"{file}: {f'{place}: ' if place else ''}{text.line}"


def _error_text(detail: ErrorDetails) -> tuple[str, Text]:
    """The place, and the text of the error. Our own rules have their Vietnamese text in the context."""
    own = detail.get("ctx", {}).get("vi")
    vietnamese = own or _VI.get(f"pydantic.{detail['type']}", _VI["pydantic.other"])
    return ".".join(map(str, detail["loc"])), Text(vietnamese, detail["msg"])
