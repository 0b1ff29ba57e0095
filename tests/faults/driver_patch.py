"""Puts the driver classes under a doom: a call from a named boundary may be the process's last."""

import asyncio
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from importlib import import_module
from types import FrameType
from typing import Any

from aiosmtplib.protocol import SMTPProtocol

from tests.faults.boundaries import Boundary
from tests.faults.crash_injector import Doom, Place, Side
from tests.faults.drivers import DRIVERS, Driver
from tests.faults.crash_points import BY_BOUNDARY

_INNER = ("<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
_END_OF_LETTER = b"\r\n.\r\n"
_handing_over: ContextVar[Place | None] = ContextVar("handing_over", default=None)


def owner_of(driver: Driver) -> type[Any]:
    module, _, name = driver.owner.partition(":")
    owner: type[Any] = getattr(import_module(module), name)
    return owner


def patch(doom: Doom) -> None:
    """All driver methods, for the rest of this process's life."""
    for driver in DRIVERS:
        owner = owner_of(driver)
        for method in driver.methods:
            setattr(owner, method, watched(doom, method, getattr(owner, method)))
    SMTPProtocol.write = _writing(doom, SMTPProtocol.write)  # type: ignore[method-assign, assignment]


def caller(frame: FrameType, method: str) -> Boundary:
    """The boundary that a frame would be, named as the source's reader names it."""
    parts = frame.f_code.co_qualname.split(".")
    while parts[-1] in _INNER:
        parts = parts[:-2]
    return Boundary(frame.f_globals["__name__"], ".".join(parts), method)


def watched(doom: Doom, method: str, real: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(real)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        point = BY_BOUNDARY.get(caller(sys._getframe(1), method))
        if point is None:
            return real(self, *args, **kwargs)
        place = Place(point.name, _detail(point.name, self, args))
        return doom.around(place, lambda: _begun(doom, place, method, real(self, *args, **kwargs)))

    return call


async def _begun(doom: Doom, place: Place, method: str, work: Any) -> Any:
    """The driver's own call, with a death in its middle where the middle is worth one."""
    if method == "data":
        _handing_over.set(place)
    if method != "run":
        return await work
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)  # the task has its turn, and the worker its work
    doom.meets(place, Side.MEANWHILE)
    return await task


def _writing(
    doom: Doom, real: Callable[[SMTPProtocol, bytes], None]
) -> Callable[[SMTPProtocol, bytes], None]:
    def write(self: SMTPProtocol, data: bytes) -> None:
        real(self, data)
        if (place := _handing_over.get()) and data.endswith(_END_OF_LETTER):
            doom.meets(place, Side.MEANWHILE)

    return write


def _detail(point: str, driver: Any, args: tuple[Any, ...]) -> str:
    match point.partition(".")[0]:
        case "store" | "projection":
            return ".".join(filter(None, (driver.name, _status(args))))
        case "lease":
            return str(args[0]["_id"])
        case "sign" if len(args) > 2 and isinstance(args[2], str):
            return args[2]
    return ""


def _status(args: tuple[Any, ...]) -> str:
    """What a save makes of the aggregate, where it says so."""
    match args:
        case [_, {"$set": {"status": str(status)}}] | [{"status": str(status)}]:
            return status
    return ""
