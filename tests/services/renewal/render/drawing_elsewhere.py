"""Renders the example's documents as another machine would, on the given day; prints their hashes.

Run as a process of its own: the clock is moved in every module that reads it, as on a machine whose
clock stands elsewhere.
"""

import datetime
import sys
import time
from hashlib import sha256

from services.renewal.render import worker

_READING = ("weasyprint", "pydyf", "pyhanko", "fontTools", "services")


def _move_clock(days: float) -> None:
    seconds, real = days * 86400, time.time

    class Elsewhere(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Elsewhere":
            return cls.fromtimestamp(real() + seconds, tz)

        @classmethod
        def utcnow(cls) -> "Elsewhere":
            return cls.now(datetime.UTC).replace(tzinfo=None)

    time.time = lambda: real() + seconds
    for name, module in list(sys.modules.items()):
        if name.startswith(_READING) and getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Elsewhere  # type: ignore[attr-defined]
    datetime.datetime = Elsewhere  # type: ignore[misc]


def main() -> None:
    worker.prepare()
    from services.renewal.render.preview.samples import contract, form
    from services.renewal.render.renderer import TEMPLATES, job

    jobs = [job(form("short", "hcsn")), job(contract("short", "hcsn"))]
    _move_clock(float(sys.argv[1]))
    print(*(sha256(worker.render(TEMPLATES, each)).hexdigest() for each in jobs))


if __name__ == "__main__":
    main()
