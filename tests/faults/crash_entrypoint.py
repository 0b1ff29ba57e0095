"""Runs the real `main` of a service or command with drivers that may kill the process.

The stack forks this module's `main` in place of the service's. FAULTS_ORDERS in the environment holds the
configuration.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from tests.faults.crash_injector import CrashInjector
from tests.faults.driver_patch import patch
from tests.faults.ledger import Ledger

CONFIG_VARIABLE = "FAULTS_ORDERS"


@dataclass(frozen=True, slots=True)
class CrashConfig:
    """`module` is the service's, `ledger` a path; `deaths` and `only` as in CrashInjector; `argv` for a
    command."""

    module: str
    ledger: str
    deaths: int
    only: tuple[str, ...] | None = None
    argv: tuple[str, ...] = ()

    def env(self) -> dict[str, str]:
        return {CONFIG_VARIABLE: json.dumps(asdict(self))}

    @property
    def service(self) -> str:
        return self.module.split(".")[1]

    def injector(self) -> CrashInjector:
        only = None if self.only is None else frozenset(self.only)
        return CrashInjector(self.service, Ledger(Path(self.ledger)), self.deaths, only)


def main() -> int | None:
    """Run the service or command. Returns a command's exit status."""
    config = CrashConfig(**json.loads(os.environ.pop(CONFIG_VARIABLE)))
    service = import_module(config.module)
    patch(config.injector())
    sys.argv = [config.module, *config.argv]
    status: int | None = service.main()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
