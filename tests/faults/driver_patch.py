"""Patches the driver classes, so that a call from a named boundary may be the process's last."""

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
from tests.faults.crash_injector import CrashInjector, CrashPlace, Side
from tests.faults.crash_points import BY_BOUNDARY
from tests.faults.drivers import DRIVERS, Driver

_INNER = ("<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
_END_OF_LETTER = b"\r\n.\r\n"
_handing_over: ContextVar[CrashPlace | None] = ContextVar("handing_over", default=None)


def owner_of(driver: Driver) -> type[Any]:
    module, _, name = driver.owner.partition(":")
    owner: type[Any] = getattr(import_module(module), name)
    return owner


def patch(injector: CrashInjector) -> None:
    """Patch all driver methods for the rest of this process's life."""
    for driver in DRIVERS:
        owner = owner_of(driver)
        for method in driver.methods:
            setattr(owner, method, with_crash_point(injector, method, getattr(owner, method)))
    SMTPProtocol.write = _patched_write(injector, SMTPProtocol.write)  # type: ignore[method-assign, assignment]


def calling_boundary(frame: FrameType, method: str) -> Boundary:
    """The boundary of the calling frame, named as tests.faults.boundaries names it."""
    parts = frame.f_code.co_qualname.split(".")
    while parts[-1] in _INNER:
        parts = parts[:-2]
    return Boundary(frame.f_globals["__name__"], ".".join(parts), method)


def with_crash_point(injector: CrashInjector, method: str, real: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(real)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        point = BY_BOUNDARY.get(calling_boundary(sys._getframe(1), method))
        if point is None:
            return real(self, *args, **kwargs)
        place = CrashPlace(point.name, _detail(point.name, self, args))
        return injector.around(place, lambda: _call(injector, place, method, real(self, *args, **kwargs)))

    return call


async def _call(injector: CrashInjector, place: CrashPlace, method: str, work: Any) -> Any:
    """Await the driver's own call. Some calls may also crash in the middle."""
    if method == "data":
        _handing_over.set(place)
    if method != "run":
        return await work
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)  # lets the task start and hand its work to the worker
    injector.crash_if_due(place, Side.MEANWHILE)
    return await task


def _patched_write(
    injector: CrashInjector, real: Callable[[SMTPProtocol, bytes], None]
) -> Callable[[SMTPProtocol, bytes], None]:
    def write(self: SMTPProtocol, data: bytes) -> None:
        real(self, data)
        if (place := _handing_over.get()) and data.endswith(_END_OF_LETTER):
            injector.crash_if_due(place, Side.MEANWHILE)

    return write


def _detail(point: str, driver: Any, args: tuple[Any, ...]) -> str:
    match point.partition(".")[0]:
        case "store" | "projection":
            return ".".join(filter(None, (driver.name, _status(args), joint_save(args))))
        case "lease":
            return str(args[0]["_id"])
        case "sign" if len(args) > 2 and isinstance(args[2], str):
            return args[2]
    return ""


def _status(args: tuple[Any, ...]) -> str:
    """The status to which a save changes the aggregate, if it sets one."""
    match args:
        case [_, {"$set": {"status": str(status)}}] | [{"status": str(status)}]:
            return status
    return ""


def joint_save(args: tuple[Any, ...]) -> str:
    """What the save with these `args` does for a joint registration: makes it, makes the renewal of a joined
    product, allocates a payment, or releases what the lead stands for. Empty: nothing of that."""
    match args:
        case [_, {"$set": {"allocated": [_, *_]}}, *_]:
            return "allocated"
        case [_, {"$set": {"stands_for": [_, *_]}}, *_]:
            return "released"
        case [{"registration": {"joined": [_, *_]}}, *_]:
            return "joint"
        case [{"registration": {"lead": {}}}, *_]:
            return "joined"
    return ""
