"""The ports of the local stack, all on loopback. GIAHAN_PORT_BASE (default 8100) shifts them together."""

import os
import socket
from dataclasses import dataclass
from typing import Self

HOST = "127.0.0.1"
DEFAULT_BASE = 8100


@dataclass(frozen=True, slots=True)
class Ports:
    subscription: int
    renewal: int
    signing: int
    notifier: int
    smtp: int
    pages: int
    kafka: int
    mongo: int

    @classmethod
    def from_base(cls, base: int) -> Self:
        """`base` 8100 gives 8101-8104, 8125, 8126, 29092 and 29017; another base moves each alike."""
        shift = base - DEFAULT_BASE
        return cls(
            subscription=base + 1,
            renewal=base + 2,
            signing=base + 3,
            notifier=base + 4,
            smtp=base + 25,
            pages=base + 26,
            kafka=29092 + shift,
            mongo=29017 + shift,
        )

    @classmethod
    def from_env(cls) -> Self:
        return cls.from_base(base())


def base() -> int:
    return int(os.environ.get("GIAHAN_PORT_BASE") or DEFAULT_BASE)


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
