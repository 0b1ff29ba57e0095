"""The tests' own composition root of a service or command: its real `main`, on drivers that may be its
death.

The stack forks this module's `main` in place of the service's; `ORDERS` in the environment says what to run.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from tests.faults.crash_injector import Doom
from tests.faults.ledger import Ledger
from tests.faults.driver_patch import patch

ORDERS = "FAULTS_ORDERS"


@dataclass(frozen=True, slots=True)
class Orders:
    """`module` is the service's, `ledger` a path; `deaths` and `only` as in Doom; `argv` for a command."""

    module: str
    ledger: str
    deaths: int
    only: tuple[str, ...] | None = None
    argv: tuple[str, ...] = ()

    def env(self) -> dict[str, str]:
        return {ORDERS: json.dumps(asdict(self))}

    @property
    def service(self) -> str:
        return self.module.split(".")[1]

    def doom(self) -> Doom:
        only = None if self.only is None else frozenset(self.only)
        return Doom(self.service, Ledger(Path(self.ledger)), self.deaths, only)


def main() -> int | None:
    """The status to end with, of a command."""
    orders = Orders(**json.loads(os.environ.pop(ORDERS)))
    service = import_module(orders.module)
    patch(orders.doom())
    sys.argv = [orders.module, *orders.argv]
    status: int | None = service.main()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
