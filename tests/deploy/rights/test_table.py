"""The table of rights covers exactly what the services' code consumes and publishes."""

import ast
import re
from pathlib import Path

import pytest

from deploy import SERVICES
from deploy.reference.events import producer
from deploy.rights.table import RIGHTS, acls
from shared.events import CATALOGUE
from shared.messaging.broker import KafkaNames

ROOT = Path(__file__).parents[3]
_PRODUCERS = {model.__name__: producer(event_type) for event_type, model in CATALOGUE.items()}
_CODE = {name: ROOT / "services" / name for name in SERVICES} | {
    "platform": ROOT / "deploy/local",
    "einvoice": ROOT / "deploy/local/platform",
}
_FILES = {"einvoice": "einvoice.py"}


def _consumed(folder: Path, files: str) -> set[str]:
    """The producers of the events that the folder's `files` pass to `routes.once(EVENT,
    …)` and similar calls."""
    calls = (
        node
        for file in folder.rglob(files)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
    )
    return {
        _PRODUCERS[call.args[0].id]
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("once", "latest", "placed")
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id in _PRODUCERS
    }


@pytest.mark.parametrize("service", RIGHTS)
def test_a_service_reads_the_topics_of_the_events_that_it_handles(service: str) -> None:
    assert RIGHTS[service].reads == _consumed(_CODE[service], _FILES.get(service, "*.py"))


@pytest.mark.parametrize("page", ["README.md", "README.vi.md"])
def test_the_drawing_shows_who_reads_which_topic(page: str) -> None:
    lines = re.findall(r"──(\w+)\.events─+▶ ([\w, ]+)", (ROOT / page).read_text(encoding="utf-8"))
    drawn = {(topic, reader) for topic, readers in lines for reader in readers.split(", ")}
    assert drawn == {(topic, reader) for reader, rights in RIGHTS.items() for topic in rights.reads}


def test_every_service_has_a_row() -> None:
    assert set(RIGHTS) == {*SERVICES, "platform", "einvoice"}


def test_all_acls_are_of_one_namespace() -> None:
    assert all(acl.name.startswith("test.") for acl in acls(KafkaNames("test")))
