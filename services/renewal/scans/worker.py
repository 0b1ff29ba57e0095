"""What runs in a reading process. The service itself never loads what decodes other people's bytes."""

import resource
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from services.renewal.scans.bad_upload import BadUpload
from services.renewal.scans.limits import Limits
from shared.background.workers import WorkFailed

if TYPE_CHECKING:
    from services.renewal.scans.page import ScannedPage

P = ParamSpec("P")
T = TypeVar("T")

_MEMORY = 1024**3  # address space, bytes; a photo of the largest size allowed needs two thirds of it

# What the decoders raise at bytes they can't make sense of (pypdfium2's own is a RuntimeError).
_WILD = (RuntimeError, OSError, SyntaxError, ValueError, EOFError, MemoryError, struct.error, zlib.error)


def prepare() -> None:
    """Limit the process and load the decoders, before its first job."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")  # the decoders' remarks on a file's oddities would fill the service's log
    import_module("services.renewal.scans.reading")
    import_module("services.renewal.scans.binding")
    import_module("services.renewal.scans.likeness")


def pages(file: Path, limits: Limits) -> int:
    """How many there are. Raises BadUpload, or WorkFailed with the kind of an error of ours."""
    from services.renewal.scans import reading

    return _decoding(reading.pages, file, limits)


def page(file: Path, number: int, limits: Limits) -> "ScannedPage":
    from services.renewal.scans import reading

    return _decoding(reading.page, file, number, limits)


def is_drawing(picture: bytes, form: bytes) -> bool:
    """Whether the picture is a drawing of the form's own file. Raises like `page`."""
    from services.renewal.scans import likeness

    return _decoding(likeness.is_drawing, picture, form)


def document(images: Sequence[bytes]) -> bytes:
    """The bound PDF. Raises WorkFailed with the kind of error."""
    from services.renewal.scans import binding

    try:
        return binding.document(images)
    except Exception as error:
        raise WorkFailed(type(error).__name__) from None


def _decoding(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """An error's text, which may quote the file, stays here."""
    try:
        return read(*args, **kwargs)
    except BadUpload:
        raise
    except _WILD:
        raise BadUpload("upload_damaged") from None
    except Exception as error:
        raise WorkFailed(type(error).__name__) from None
