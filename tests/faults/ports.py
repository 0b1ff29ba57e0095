"""Ports for servers that need the same port again after a kill. They are below the ports that the system
gives to outgoing connections."""

import secrets

from deploy.local.host.ports import is_open

_FIRST, _BLOCKS, _BLOCK = 23_000, 180, 50


def block(count: int) -> list[int]:
    """`count` (at most 50) consecutive ports on which nothing listens now."""
    while True:
        first = _FIRST + _BLOCK * secrets.randbelow(_BLOCKS)
        ports = list(range(first, first + count))
        if not any(is_open(port) for port in ports):
            return ports
