"""The sites that may use this computer's tokens, in a file of the person's own."""

import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from tools.sign.origin import is_origin

_log = logging.getLogger(__name__)


def _require_origin(text: str) -> str:
    if not is_origin(text):
        raise ValueError("not an origin, such as https://giahan.example.vn")
    return text


SiteOrigin = Annotated[str, AfterValidator(_require_origin)]


class _PairingFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    origins: list[SiteOrigin] = []


class Pairings:
    """`preset` are the sites of the settings: they need no question, and are not in the file."""

    def __init__(self, file: Path, preset: Iterable[str] = ()) -> None:
        self._file = file
        self.preset = frozenset(preset)

    def stored(self) -> list[str]:
        """The sites of the file, read anew: `--forget` works while the tool runs."""
        try:
            return _PairingFile.model_validate_json(self._file.read_bytes()).origins
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            _log.warning("pairings.unreadable error=%s", type(error).__name__)
            return []

    def has(self, origin: str) -> bool:
        return origin in self.preset or origin in self.stored()

    def add(self, origin: str) -> None:
        self._write(sorted({*self.stored(), origin}))

    def forget(self, origin: str) -> bool:
        """False if the file does not have the site."""
        stored = self.stored()
        if origin not in stored:
            return False
        self._write([other for other in stored if other != origin])
        return True

    def _write(self, origins: list[str]) -> None:
        """Replace the file whole: a tool that dies meanwhile leaves the old one. mkstemp gives mode 0600."""
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=self._file.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_PairingFile(origins=origins).model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._file)
        except BaseException:
            os.unlink(name)
            raise
