"""The whole system as separate processes: one office's renewal, undisturbed and with killed services."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.clock.clock import StackClock, connect_clock
from deploy.local.clock.drain import Drain
from deploy.local.demo.demo import DESK_PRODUCT, locked_office, scene_beside, scene_of
from deploy.local.demo.lifecycle import Lifecycle
from deploy.local.demo.page_renewer import seat_renewer
from deploy.local.demo.walks.committed_walk import CommittedWalk
from deploy.local.demo.walks.joint_walk import JointWalk
from deploy.local.demo.walks.paid_walk import PaidWalk
from deploy.local.demo.walks.paper_walk import PaperWalk
from deploy.local.demo.walks.walk import Walk
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.ports import Ports
from deploy.local.people.caller import Caller
from deploy.local.samples.importer import import_rows, new_office
from deploy.local.samples.offices import offices
from deploy.local.stack.stack import SERVICES, Stack
from services.subscription.spreadsheet.row import Row
from shared.ids import fresh

TUTORIAL = Path(__file__).parents[2] / "docs/tutorial/first-renewal.md"

# SIGKILL kills each service in the middle of its work, at least once in a walk.
KILLED_AT = {
    "registered": ("renewal",),
    "digest given out": ("signing",),
    "signed": ("signing", "renewal"),
    "after step 4": ("subscription", "notifier"),
}
PAPER_KILLED_AT = {
    "shown": ("subscription",),
    "fed": ("renewal",),
    "received": ("renewal", "notifier"),
    "received again": ("renewal",),
}


@dataclass(frozen=True, slots=True)
class World:
    stack: Stack
    caller: Caller
    clock: StackClock
    drain: Drain
    rows: list[Row]
    out: Path

    def walk(self, row: Row, between: Callable[[str], None], way: type[Walk] = Walk) -> list[WitnessedEvent]:
        """Walk `row` through its renewal, which checks each step. Returns the events that the witness saw."""
        with scene_of(self.stack, row, self.caller, self.clock, self.drain, self.out) as scene:
            assert len(list(way(scene, between=between).steps())) >= 7
            scene.witness.await_event("renewal.invoice_issued")
            return scene.witness.seen


@pytest.fixture(scope="module")
def world(kafka: str, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("stack")
    namespace = f"t{fresh().hex[:12]}"
    stack = Stack(directory, Ports.free(), namespace=namespace, kafka=kafka, mongo=mongo_uri, tied=True)
    with ExitStack() as ending:
        ending.callback(stack.stop)
        stack.start(print)
        caller = ending.enter_context(closing(Caller(stack)))
        clock, drain = ending.enter_context(connect_clock(stack.environment.settings()))
        rows = _sample(clock.today())
        import_rows(caller, rows)
        drain.wait()
        out = tmp_path_factory.mktemp("out")
        yield World(stack, caller, clock, drain, rows, out)


def _sample(today: date) -> list[Row]:
    """Two offices to walk, one after the other, and bystanders at every stage."""
    first, second, *others = offices(today, 40)
    later = second.model_copy(update={"expires_on": first.expires_on + timedelta(days=6)})
    return [first, later, *others]


def test_tutorial_leads_to_a_renewed_office(world: World) -> None:
    """All its Python blocks in one process, with the addresses of this stack."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL))
    for name in ("subscription", "renewal", "pages"):
        usual, here = (getattr(ports, name) for ports in (Ports.from_base(8100), world.stack.ports))
        code = code.replace(f"http://127.0.0.1:{usual}", f"http://127.0.0.1:{here}")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_renewal_runs_end_to_end_on_the_pages_with_the_signing_tool(world: World) -> None:
    with (
        scene_of(world.stack, world.rows[0], world.caller, world.clock, world.drain, world.out) as scene,
        seat_renewer(scene.renewer, world.stack.pages.url, world.out) as renewer,
    ):
        assert len(list(PaidWalk(replace(scene, renewer=renewer)).steps())) == 11
        assert _times(scene.witness.seen, "renewal.payment_recorded") == 1
        assert _times(scene.witness.seen, "signing.contract_issued") == 1
    assert {picture.stem for picture in world.out.glob("*.png")} == {
        "man-hinh-khoa",
        "ky-so-1-trang-ky",
        "ky-so-2-nhap-pin",
        "ky-so-3-da-gui",
    }


def test_renewal_ends_once_though_every_service_is_killed(world: World) -> None:
    killed: list[str] = []

    def kill(moment: str) -> None:
        for name in KILLED_AT.get(moment, ()):
            service = world.stack.services[name]
            service.kill()
            service.start()
            killed.append(name)

    seen = world.walk(world.rows[1], kill)
    assert set(killed) == set(SERVICES)
    assert _times(seen, "renewal.contract_prepared") == 1
    assert _times(seen, "signing.contract_issued") == 1
    assert _times(seen, "subscription.renewed") == 1
    assert _times(seen, "renewal.invoice_requested") == 1
    assert _times(seen, "renewal.invoice_issued") == 1
    notices = [event.body for event in _distinct(seen) if event.type == "notifier.delivered"]
    assert len({notice["notice_id"] for notice in notices}) == len(notices)
    told = Counter(notice["reason"] for notice in notices)
    assert (told["locked"], told["registered"], told["contract"]) == (1, 1, 1)


def test_renewal_on_paper_ends_once_though_services_are_killed(world: World) -> None:
    def kill(moment: str) -> None:
        for name in PAPER_KILLED_AT.get(moment, ()):
            world.stack.services[name].kill()
            world.stack.services[name].start()

    office = new_office(world.rows[0], "giay", world.clock.today(), days_left=-5)
    seen = world.walk(office, kill, PaperWalk)
    once = ("renewal.paper_copy_uploaded", "renewal.paper_form_returned", "renewal.paper_form_accepted")
    assert [_times(seen, name) for name in once] == [1, 1, 1]
    assert _times(seen, "renewal.paper_form_received") == 2
    told = Counter(event.body["reason"] for event in _distinct(seen) if event.type == "notifier.delivered")
    assert (told["paper_returned"], told["contract"]) == (1, 1)


def test_committed_office_works_with_temporary_resources_until_it_pays(world: World) -> None:
    folder = world.out / "cam-ket"
    with (
        locked_office(world.stack, folder, "cam-ket", 2, **DESK_PRODUCT) as scene,
        seat_renewer(scene.renewer, world.stack.pages.url, folder) as screen,
    ):
        assert len(list(CommittedWalk(scene, screen=screen).steps())) == 11
    told = [event for event in _distinct(scene.witness.seen) if event.type == "renewal.resources_requested"]
    assert {"commitment", "contract"} <= {event.body["cause"] for event in told}
    assert (folder / "tai-nguyen-tam.png").stat().st_size


def test_two_products_on_one_form_are_paid_in_two_parts(world: World) -> None:
    with (
        locked_office(world.stack, world.out / "chung", "chung", 3) as scene,
        scene_beside(world.stack, scene) as other,
    ):
        assert len(list(JointWalk(scene, other=other).steps())) == 12
    for witness in (scene.witness, other.witness):
        assert _times(witness.seen, "signing.contract_issued") == 1
    assert _times(other.witness.seen, "renewal.payment_recorded") == 3


def test_office_that_does_not_renew_comes_to_its_end(world: World) -> None:
    """All stages, the release by two people, and the deletion. Each step checks itself.

    This walk is the last one, because it moves the clock by five months.
    """
    office = new_office(world.rows[0], "vong-doi", world.clock.today(), days_left=4)
    with scene_of(world.stack, office, world.caller, world.clock, world.drain, world.out) as scene:
        assert len(list(Lifecycle(scene).steps())) == 8


def test_contract_numbers_have_no_gap_and_each_contract_one_seal(world: World) -> None:
    settings = world.stack.environment.settings()
    with MongoClient[dict[str, Any]](settings.mongo.get_secret_value()) as client:
        numbers = [number["_id"]["n"] for number in client[settings.database("renewal")]["numbers"].find()]
        contracts = list(client[settings.database("signing")]["contracts"].find())
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7]
    assert [contract["status"] for contract in contracts] == ["sealed"] * 7


def _distinct(seen: list[WitnessedEvent]) -> list[WitnessedEvent]:
    return list({event.id: event for event in seen}.values())


def _times(seen: list[WitnessedEvent], event_type: str) -> int:
    return sum(event.type == event_type for event in _distinct(seen))
