"""A process whose loop died ends by itself, and says that it failed."""

from deploy.local.ports import free_port
from shared.process import _serve
from shared.pulse import Pulse
from shared.routes import Routes
from shared.service import Loop, Plan, Service
from shared.settings import Settings


async def _dies(pulse: Pulse) -> None:
    raise RuntimeError("a fault of ours")


async def test_process_whose_loop_died_fails(settings: Settings) -> None:
    def compose() -> tuple[Service, Plan]:
        return Service("renewal", settings), Plan(Routes(), [], [Loop(_dies, Pulse("loop", limit=1))])

    assert await _serve(compose, {"api", "worker"}, free_port())
