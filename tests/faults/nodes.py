"""The servers of a cluster behind their proxies: they can be killed, frozen, woken, and cut off at a named
request."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from deploy.local.host.process import BackgroundProcess
from tests.faults.proxy import Proxy, Trap


class Node(Protocol):
    @property
    def process(self) -> BackgroundProcess: ...


N = TypeVar("N", bound=Node)


class Nodes(Generic[N]):
    """Numbered from 0, like their proxies."""

    def __init__(self, nodes: Sequence[N], proxies: Sequence[Proxy]) -> None:
        self.nodes = nodes
        self.proxies = proxies
        self._asleep: set[int] = set()

    def kill(self, number: int) -> None:
        """Send SIGKILL, as a crash would. Works from any thread."""
        self._signal(number, signal.SIGKILL)

    def freeze(self, number: int) -> None:
        self._signal(number, signal.SIGSTOP)
        self._asleep.add(number)

    def wake(self, number: int) -> None:
        self._signal(number, signal.SIGCONT)
        self._asleep.discard(number)

    def end(self) -> None:
        """Kill all nodes, also frozen ones."""
        for number in list(self._asleep):
            self.wake(number)
        for node in self.nodes:
            node.process.kill()

    @contextmanager
    def trapped(self, trap: Trap) -> Iterator[None]:
        """Set the trap in every node's proxy."""
        for proxy in self.proxies:
            proxy.trap = trap
        try:
            yield
        finally:
            for proxy in self.proxies:
                proxy.trap = None

    def _signal(self, number: int, which: signal.Signals) -> None:
        pid = self.nodes[number].process.pid
        if pid is not None:
            os.kill(pid, which)
