"""The AsyncAPI document names each event with its real topic, and other tools can read it."""

import hashlib
import json
import shutil
import subprocess
import tarfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import playwright
import pytest
from faststream.specification import AsyncAPI

from deploy import SERVICES
from deploy.reference import asyncapi
from shared.events import CATALOGUE
from shared.events.base import Event
from shared.messaging.consumption.subscriber import EventBroker
from shared.messaging.routes import Routes
from shared.storage.aggregate import Cause

_PARSER = "@asyncapi/parser@3.6.6"
_INTEGRITY = "DppE3OStajt6gHc+RsVf9VxRwW9WACagHnFvkOML5rZGwS9hXxtFYTxnsH3mHPRgHom0rClMs6DpbjNY65Y54A=="
_VALIDATE = """
globalThis.self = globalThis.window = globalThis; // it is meant for a browser
const Parser = require(process.argv[2]);
const text = require("fs").readFileSync(0, "utf8");
new Parser().parse(text).then(({ document, diagnostics }) => {
  const channels = document ? document.channels().all().map((one) => one.address()) : [];
  console.log(JSON.stringify({ channels, faults: diagnostics.filter((one) => one.severity === 0) }));
});
"""


def _addresses() -> dict[str, set[str]]:
    """The events on each topic according to the document."""
    document: dict[str, Any] = json.loads(asyncapi.document().partition("\n")[2])
    return {channel["address"]: set(channel["messages"]) for channel in document["channels"].values()}


def test_each_event_is_on_the_topic_to_which_it_is_published_and_on_no_other() -> None:
    assert _addresses()["subscription.access"] == {"AccessDecided"}
    assert "AccessDecided" not in _addresses()["subscription.events"]
    named = [event for events in _addresses().values() for event in events]
    assert sorted(named) == sorted(event.__name__ for event in CATALOGUE.values())


def test_only_our_own_topics_are_sent_to() -> None:
    document = json.loads(asyncapi.document().partition("\n")[2])
    actions = {name: operation["action"] for name, operation in document["operations"].items()}
    assert actions["subscription-access.publish"] == "send"
    assert actions["platform.consume"] == "receive"
    ours = {name.partition(".")[0].partition("-")[0] for name, action in actions.items() if action == "send"}
    assert ours == set(SERVICES)


def test_faststream_derives_the_same_schemas_from_the_registered_handlers() -> None:
    async def ignore(event: Event, cause: Cause) -> None:
        """Only registered."""

    routes = Routes()
    for event in CATALOGUE.values():
        routes.once(event, ignore)
    broker = EventBroker(apply_types=False, logger=None)
    subscriber = broker.subscriber("subscription.events", group_id="group")
    routes.register(subscriber)
    derived = json.loads(AsyncAPI(broker).to_specification().to_json())["components"]["schemas"]
    assert derived == json.loads(asyncapi.document().partition("\n")[2])["components"]["schemas"]


@pytest.mark.skipif(not shutil.which("npm"), reason="npm fetches the parser; nothing else needs it")
def test_the_makers_of_asyncapi_find_no_fault_in_it(tmp_path: Path) -> None:
    """Uses AsyncAPI's own parser bundle, one file pinned by its hash, run by the Node that comes with
    playwright."""
    subprocess.run(["npm", "pack", "--silent", _PARSER], cwd=tmp_path, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tgz")
    assert b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() == _INTEGRITY
    with tarfile.open(archive) as packed:
        packed.extract("package/browser/index.js", tmp_path, filter="data")
    found = _parsed(asyncapi.document(), tmp_path)
    assert found["faults"] == []
    assert set(found["channels"]) == set(_addresses())
    assert _parsed(asyncapi.document().replace('"send"', '"shout"'), tmp_path)["faults"]


def _parsed(document: str, folder: Path) -> dict[str, Any]:
    script = folder / "validate.cjs"
    script.write_text(_VALIDATE)
    node = Path(playwright.__file__).parent / "driver" / "node"
    command = [node, script, folder / "package/browser/index.js"]
    told = subprocess.run(command, input=document, text=True, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found
