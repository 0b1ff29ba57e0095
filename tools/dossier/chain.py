"""The audit chain of one aggregate: each entry's hash covers its fields and the hash of the entry before.

This is the check of `shared/audit/entries.py`, written again because a tool runs without the services' code.
A test holds that both agree.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from tools.dossier.manifest import ListedChain

ZEROS = "0" * 64
_FIELDS = {
    "aggregate", "n", "at", "actor", "action", "reason", "message_id", "before", "after", "previous", "hash",
}  # fmt: skip


class DossierFinding(NamedTuple):
    """What was found, and about which file, paper or entry. `kind` names the text."""

    kind: str
    where: str


def check_chain(content: Any, listed: ListedChain) -> Iterator[DossierFinding]:
    """What is wrong with the audit file `content`."""
    rows = content.get("entries") if isinstance(content, Mapping) else None
    if not isinstance(rows, list) or content.get("aggregate") != listed.aggregate:
        yield DossierFinding("chain", listed.path)
        return
    last: object = ZEROS
    for number, row in enumerate(rows, 1):
        where = f"{listed.path}#{number}"
        if not isinstance(row, Mapping) or not _is_number(row.get("n"), number):
            yield DossierFinding("unlinked", where)
            return
        if listed.whole and not _is_intact(row, listed.aggregate):
            yield DossierFinding("entry", where)
        if row.get("previous") != last:
            yield DossierFinding("unlinked", where)
        last = row.get("hash")
    if len(rows) != listed.entries or last != listed.last:
        yield DossierFinding("chain", listed.path)


def _is_number(value: object, number: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value == number


def _is_intact(row: Mapping[str, Any], aggregate: str) -> bool:
    if row.keys() != _FIELDS or row["aggregate"] != aggregate:
        return False
    return bool(row["hash"] == digest(row))


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over the other fields as JSON with sorted keys and no spaces, in UTF-8."""
    content = {name: value for name, value in row.items() if name != "hash"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
