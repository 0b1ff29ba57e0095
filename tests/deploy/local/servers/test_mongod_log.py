"""mongod's log quotes no stored data: neither of slow operations nor of refused ones.

An operation that fails halfway is still quoted: only MongoDB Enterprise can redact that.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.local.host.ports import free_port
from deploy.local.servers.mongod import EmbeddedMongo

_SECRETS = ("Tân An", "0101243150", "vanthu@tanan.gov.vn")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedMongo]:
    server = EmbeddedMongo(tmp_path, free_port())
    server.start(tied=True)
    yield server
    server.stop()


def test_names_tax_codes_and_addresses_are_not_in_the_log(server: EmbeddedMongo) -> None:
    name, tax_code, email = _SECRETS
    office = {"_id": 1, "name": f"UBND xã {name}", "tax_code": tax_code, "email": email}
    slow = {"$where": f"sleep(250) || this.name == '{name}'", "tax_code": tax_code}
    sleeping = {"body": "function(name) { sleep(250); return true }", "args": [name], "lang": "js"}
    with MongoClient[dict[str, object]](server.uri) as client:
        offices = client["giahan"]["offices"]
        offices.insert_one(office)
        offices.create_index("email", unique=True)
        list(offices.find(slow))
        offices.update_one(slow, {"$set": {"email": email}})
        list(offices.aggregate([{"$match": {"$expr": {"$function": sleeping}}}]))
        for fails in (
            lambda: offices.insert_one(office | {"_id": 2}),
            lambda: list(offices.find({"tax_code": {"$bad": tax_code}})),
            lambda: client["giahan"].command("find", "offices", filter={"$bad": name}),
        ):
            with pytest.raises(OperationFailure):
                fails()
    said = server.process.log.read_text(errors="replace")
    assert [secret for secret in _SECRETS if secret in said] == []
