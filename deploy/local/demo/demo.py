"""`make demo`: starts the stack if it does not run, imports the sample offices, and walks offices through
renewals."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from deploy.local.clock.clock import StackClock, connect_clock
from deploy.local.clock.drain import Drain
from deploy.local.demo.evidence import EvidenceLine, table, write
from deploy.local.demo.lifecycle import Lifecycle
from deploy.local.demo.page_renewer import seat_renewer
from deploy.local.demo.renewer import Renewer
from deploy.local.demo.scene import Scene
from deploy.local.demo.texts import one_line
from deploy.local.demo.walks.committed_walk import CommittedWalk
from deploy.local.demo.walks.joint_walk import JointWalk
from deploy.local.demo.walks.paid_walk import PaidWalk
from deploy.local.demo.walks.paper_walk import PaperWalk
from deploy.local.demo.walks.walk import Walk
from deploy.local.demo.witness import Witness
from deploy.local.host.background import BackgroundLoop
from deploy.local.people.caller import Caller
from deploy.local.samples import importer
from deploy.local.samples.offices import offices
from deploy.local.stack.component import ROOT
from deploy.local.stack.parts import PARTS
from deploy.local.stack.stack import Stack
from services.subscription.spreadsheet.row import Row
from shared.messaging.broker import KafkaNames

OUT = ROOT / "out"
DESK_PRODUCT = {"product_code": "ktns", "package": "standard", "users": 5}
"""What a licence says of the product whose contracts the desk prepares."""
Say = Callable[[str], None]


def demo(stack: Stack, say: Say, tell: Say) -> int:
    """Returns 0 only if every step of every walk succeeded. Afterwards the stack runs
    only if it ran before."""
    began = time.monotonic()
    ran_before = stack.up
    stack.start(tell)
    try:
        with (
            start_second_stack(stack) as apart,
            run_beside(lambda later: walk_lifecycle(apart(), OUT, later), say),
        ):
            lines = walk_electronically(stack, OUT, say, tell)
            with (
                run_beside(lambda later: lines.extend(walk_jointly(stack, OUT, later)), say),
                run_beside(lambda later: lines.extend(walk_committed(stack, OUT, later)), say),
            ):
                lines += walk_on_paper(stack, OUT, say)
    finally:
        if not ran_before:
            stack.stop()
    say(f"\n{table(lines)}\n")
    took = time.monotonic() - began
    say(f"{took:.0f} s; {one_line('report.evidence')}: out/*.jsonl, out/*.pdf, out/*.png, out/*.zip")
    say(f"demo: {len(lines)} steps ok")
    return 0


def walk_electronically(stack: Stack, out: Path, say: Say, tell: Say) -> list[EvidenceLine]:
    """Walk an office that registers and signs on the pages, from its first reminder. What its screen shows is
    in `out` too."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "walk.jsonl").unlink(missing_ok=True)
    with closing(Caller(stack)) as caller, connect_clock(stack.environment.settings()) as (clock, drain):
        populate(caller, clock, drain, tell)
        office = importer.choose_office(caller, clock.today())
        say(f"\n{office.office_ref} {office.name}, {one_line('report.through')} {office.expires_on}")
        with (
            scene_of(stack, office, caller, clock, drain, out) as scene,
            seat_renewer(scene.renewer, stack.pages.url, out) as renewer,
        ):
            lines = run_walk(PaidWalk(replace(scene, renewer=renewer), tell=say), say)
    write(lines, out / "walk.jsonl")
    return lines


def walk_on_paper(stack: Stack, out: Path, say: Say) -> list[EvidenceLine]:
    """Walk a locked office that posts its stamped form. Its documents go to `out`/giay."""
    with locked_office(stack, out / "giay", "giay", 1) as scene:
        say(f"\n{_name(scene)}: {one_line('report.paper')}")
        lines = run_walk(PaperWalk(scene, tell=say), say)
    write(lines, out / "walk-paper.jsonl")
    return lines


def walk_committed(stack: Stack, out: Path, say: Say) -> list[EvidenceLine]:
    """Walk a locked office that commits itself to pay by a day, and pays. Its documents go to
    `out`/cam-ket."""
    folder = out / "cam-ket"
    with (
        locked_office(stack, folder, "cam-ket", 2, **DESK_PRODUCT) as scene,
        seat_renewer(scene.renewer, stack.pages.url, folder) as screen,
    ):
        say(f"\n{_name(scene)}: {one_line('report.committed')}")
        lines = run_walk(CommittedWalk(scene, screen=screen, tell=say), say)
    write(lines, out / "walk-committed.jsonl")
    return lines


def walk_jointly(stack: Stack, out: Path, say: Say) -> list[EvidenceLine]:
    """Walk a locked office that renews two products with one form, which it pays in two parts. Its documents
    go to `out`/chung."""
    with locked_office(stack, out / "chung", "chung", 3) as scene, scene_beside(stack, scene) as other:
        say(f"\n{_name(scene)}: {one_line('report.joint')}")
        lines = run_walk(JointWalk(scene, other=other, tell=say), say)
    write(lines, out / "walk-joint.jsonl")
    return lines


def _name(scene: Scene) -> str:
    return f"{scene.office.office_ref} {scene.office.name}"


def run_walk(walk: Walk, say: Say) -> list[EvidenceLine]:
    """The walk's lines. Each is printed as soon as its step is done."""
    lines, began = [], time.monotonic()
    for line in walk.steps():
        lines.append(line)
        say(f"✓ {line.step}. {' / '.join(line.title)}  {time.monotonic() - began:.1f} s")
        for check in line.checks:
            say(f"     {check}")
        began = time.monotonic()
    return lines


@contextmanager
def start_second_stack(stack: Stack) -> Iterator[Callable[[], Stack]]:
    """Start another stack on the same servers in the background. Call the result to wait
    for it and get it."""
    apart = stack.apart("vong-doi", ("subscription", "notifier"))
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(apart.start, lambda said: None)

        def ready() -> Stack:
            starting.result()
            return apart

        try:
            yield ready
        finally:
            wait([starting])
            apart.stop()


@contextmanager
def run_beside(task: Callable[[Say], None], say: Say) -> Iterator[None]:
    """Run `task` in parallel with the context's body. Its output is printed afterwards."""
    later: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(task, later.append)
        yield
        running.result()
    for said in later:
        say(said)


def walk_lifecycle(stack: Stack, out: Path, say: Say) -> None:
    """Walk an office that does not renew through all stages to the deletion of its data.

    It has its own stack, so that three thousand other offices need not live through the same months.
    """
    settings = stack.environment.settings()
    with closing(Caller(stack)) as caller, connect_clock(settings, stack.parts) as (clock, drain):
        (like,) = offices(clock.today(), 1)
        office = importer.new_office(like, "vong-doi", clock.today(), days_left=4)
        say(f"\n{office.office_ref} {office.name}: {one_line('report.no_renewal')}")
        with scene_of(stack, office, caller, clock, drain, out) as scene:
            run_lifecycle(Lifecycle(scene), out, say)


def run_lifecycle(lifecycle: Lifecycle, out: Path, say: Say) -> None:
    lines = []
    for line in lifecycle.steps():
        lines.append(line)
        say(f"✓ {line.step}. {' / '.join(line.title)}  {lifecycle.scene.clock.today():%d/%m/%Y}")
        for check in line.checks:
            say(f"     {check}")
    write(lines, out / "lifecycle.jsonl")
    say(f"\n{one_line('report.timeline')}")
    for entry in lifecycle.timeline():
        say(f"  {entry['on']}  {' / '.join(entry['text'])}")


def populate(caller: Caller, clock: StackClock, drain: Drain, tell: Say) -> None:
    """Import the sample offices and wait until every service knows them."""
    began = time.monotonic()
    tell(f"• {one_line('report.samples')} ")
    taken = importer.import_offices(caller, clock.today())
    drain.wait(tell=tell)
    tell(f" {taken.adopted} {one_line('report.adopted')}  {time.monotonic() - began:.1f} s\n")


@contextmanager
def scene_of(
    stack: Stack, office: Row, caller: Caller, clock: StackClock, drain: Drain, out: Path
) -> Iterator[Scene]:
    """Everything that a walk of `office` needs. The witness sees events from now on."""
    environment = stack.environment
    names = KafkaNames(environment.namespace)
    with BackgroundLoop() as loop:
        witness = Witness(environment.settings().connection, names, PARTS, office.subscription_id, loop)
        witness.start()
        with closing(witness):
            renewer = Renewer(office, caller, environment.directory / "pki")
            yield Scene(office, renewer, caller, clock, drain, witness, out)


@contextmanager
def locked_office(stack: Stack, out: Path, name: str, like: int, **licensed: object) -> Iterator[Scene]:
    """The scene of an office whose last day is past. It isn't in the list, but like the one at that place
    there. `licensed`: what its licence says instead. Its documents go to the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with closing(Caller(stack)) as caller, connect_clock(stack.environment.settings()) as (clock, drain):
        today = clock.today()
        listed = offices(today, like + 1)[like]
        office = importer.new_office(listed, name, today, days_left=-5).model_copy(update=licensed)
        with scene_of(stack, office, caller, clock, drain, out) as scene:
            yield scene


@contextmanager
def scene_beside(stack: Stack, scene: Scene) -> Iterator[Scene]:
    """The scene of another product of the same office."""
    other = scene.office.model_copy(update=DESK_PRODUCT)
    with scene_of(stack, other, scene.caller, scene.clock, scene.drain, scene.out) as beside:
        yield beside
