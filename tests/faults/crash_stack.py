"""A stack whose services die at crash points, and the restarter that starts them again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from deploy.local.stack.component import Component
from deploy.local.stack.stack import SERVICES
from tests.faults import crash_entrypoint
from tests.faults.authority import AuthorityStack
from tests.faults.crash_entrypoint import CrashConfig
from tests.faults.ledger import Ledger
from tests.services.signing.evidence.responders import Responders

_LOOK_S = 0.05
_COLLECT_S = "1"


class CrashStack(AuthorityStack):
    """A stack on existing servers. `only`: as in CrashInjector."""

    def __init__(
        self,
        directory: Path,
        namespace: str,
        kafka: str,
        mongo: str,
        authority: Responders,
        *,
        deaths: int,
        only: Sequence[str] | None = None,
    ) -> None:
        super().__init__(directory, namespace, kafka, mongo, authority)
        directory.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(directory / "ledger.jsonl")
        self._deaths, self._only = deaths, None if only is None else tuple(only)

    def _component(self, name: str) -> Component:
        real = super()._component(name)
        if name not in SERVICES:
            return real
        env = {**real.env, **self.crash_config(real.module).env(), "GIAHAN_COLLECT_SECONDS": _COLLECT_S}
        return replace(real, module=crash_entrypoint.__name__, env=env)

    def crash_config(self, module: str, *argv: str) -> CrashConfig:
        """The configuration of a service's process, or of an operator's command."""
        return CrashConfig(module, str(self.ledger.file), self._deaths, self._only, argv)


@dataclass(slots=True)
class ProcessRestarter:
    """Within its context, restarts every service that died, and counts the restarts.

    `unexpected`: log ends of processes that ended although no crash point had fired for them.
    """

    stack: CrashStack
    starts: dict[str, int] = field(default_factory=dict)
    unexpected: list[str] = field(default_factory=list)
    _over: Event = field(default_factory=Event)
    _one: Lock = field(default_factory=Lock)
    _thread: Thread = field(init=False)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def restart(self, name: str) -> None:
        """Restart as an operator does: SIGTERM first."""
        component = self.stack.services[name]
        with self._one:
            component.stop()
            component.start()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            for name, component in self.stack.services.items():
                with self._one:
                    if component.process.pid is None:
                        self._revive(name, component)

    def _revive(self, name: str, component: Component) -> None:
        self.starts[name] = self.starts.get(name, 0) + 1
        fired = self.stack.ledger.read().fired
        if self.starts[name] > sum(service == name for service in fired.values()):
            self.unexpected.append(f"{name} ended by itself\n{component.process.log_tail(20)}")
        component.start()
