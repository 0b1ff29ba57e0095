"""What runs in a worker process for reading. The service itself never loads the decoders of uploaded
bytes."""

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

# What the decoders raise for bytes that they can't decode (pypdfium2's own error is a RuntimeError).
_DECODER_ERRORS = (
    RuntimeError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)


def prepare() -> None:
    """Limits the process's memory and loads the decoders, before its first job."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")  # the decoders' warnings about unusual files would fill the service's log
    import_module("services.renewal.scans.reading")
    import_module("services.renewal.scans.binding")
    import_module("services.renewal.scans.recognition.likeness")


def pages(file: Path, limits: Limits) -> int:
    """The number of pages. Raises BadUpload, or WorkFailed with the class of any other error."""
    from services.renewal.scans import reading

    return _decoding(reading.pages, file, limits)


def page(file: Path, number: int, limits: Limits) -> "ScannedPage":
    from services.renewal.scans import reading

    return _decoding(reading.page, file, number, limits)


def is_drawing(picture: bytes, form: bytes) -> bool:
    """Whether a program rendered the picture from the form's own file. Raises like `pages`."""
    from services.renewal.scans.recognition import likeness

    return _decoding(likeness.is_drawing, picture, form)


def document(images: Sequence[bytes]) -> bytes:
    """The bound PDF. Raises WorkFailed with the class of the error."""
    from services.renewal.scans import binding

    try:
        return binding.document(images)
    except Exception as error:
        raise WorkFailed(type(error).__name__) from None


def _decoding(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Raises BadUpload, or WorkFailed with only the class of the error: its text may quote the file."""
    try:
        return read(*args, **kwargs)
    except BadUpload:
        raise
    except _DECODER_ERRORS:
        raise BadUpload("upload_damaged") from None
    except Exception as error:
        raise WorkFailed(type(error).__name__) from None
