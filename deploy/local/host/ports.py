"""The ports of the local stack, all on loopback. GIAHAN_PORT_BASE (default 8100) shifts them together."""

import os
import secrets
import socket
from dataclasses import asdict, dataclass
from typing import Self

from deploy.local.host.problem import StackProblem
from deploy.local.texts import both

HOST = "127.0.0.1"
DEFAULT_BASE = 8100
_LARGEST_BASE = 44_000


@dataclass(frozen=True, slots=True)
class Ports:
    base: int
    subscription: int
    renewal: int
    signing: int
    notifier: int
    smtp: int
    pages: int
    platform: int
    kafka: int
    mongo: int

    @classmethod
    def from_base(cls, base: int) -> Self:
        """`base` 8100 gives 8101-8104, 8125-8127, 29092 and 29017; another base shifts all ports alike."""
        shift = base - DEFAULT_BASE
        return cls(
            base=base,
            subscription=base + 1,
            renewal=base + 2,
            signing=base + 3,
            notifier=base + 4,
            smtp=base + 25,
            pages=base + 26,
            platform=base + 27,
            kafka=29092 + shift,
            mongo=29017 + shift,
        )

    @classmethod
    def free(cls) -> Self:
        """A set of ports on which nothing listens now."""
        while True:
            ports = cls.from_base(10_000 + 50 * secrets.randbelow(240))
            if not any(is_open(port) for port in ports.named().values()):
                return ports

    @classmethod
    def from_env(cls) -> Self:
        """Raises StackProblem if GIAHAN_PORT_BASE is not a usable number."""
        given = os.environ.get("GIAHAN_PORT_BASE") or str(DEFAULT_BASE)
        if not given.isdecimal() or not 1024 <= int(given) <= _LARGEST_BASE:
            raise StackProblem(
                *both("port.base", largest=_LARGEST_BASE),
            )
        return cls.from_base(int(given))

    def named(self) -> dict[str, int]:
        """All ports by the name of what listens there."""
        return {name: port for name, port in asdict(self).items() if name != "base"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_open(port: int, host: str = HOST) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
