"""The generated reference is complete and up to date, and has no broken references."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.reference import __main__, asyncapi, commitment, deletion, events, flow, invoice, payment
from services.renewal.domain.flow import REGISTRATION_FLOW
from services.renewal.domain.invoice.invoice_flow import INVOICE_FLOW
from services.renewal.domain.payment.bank_line import LINE_FLOW
from services.renewal.domain.payment.commitment import COMMITMENT_FLOW
from services.renewal.domain.payment.payment_flow import PAYMENT_FLOW
from services.subscription.domain.deletion_flow import DELETION_FLOW
from shared.events import CATALOGUE
from shared.flow_table import FlowTable

ROOT = Path(__file__).parents[2]


def references(part: Any) -> list[str]:
    """Every $ref below `part`."""
    if isinstance(part, dict):
        mine = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return mine + [ref for value in part.values() for ref in references(value)]
    return [ref for value in part for ref in references(value)] if isinstance(part, list) else []


def test_what_is_committed_is_what_would_be_generated() -> None:
    assert __main__.drift(__main__.REFERENCE) == []


def test_a_changed_or_missing_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "events.md").write_text(events.page() + "by hand\n")
    assert __main__.drift(tmp_path) == list(__main__.generated())


def test_every_event_is_on_the_page_and_in_the_document() -> None:
    page, document = events.page(), asyncapi.document()
    for event_type, event in CATALOGUE.items():
        assert f"### {event.__name__}\n\n`{event_type}`" in page
        assert f'"const": "{event_type}"' in document


def test_links_and_references_lead_somewhere() -> None:
    page = events.page()
    headings = {line.removeprefix("### ").lower() for line in page.splitlines() if line.startswith("### ")}
    links = {part.partition(")")[0] for part in page.split("](#")[1:]}
    assert links <= headings
    document = json.loads(asyncapi.document().partition("\n")[2])
    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_rows_of_moved_facts_name_their_tests() -> None:
    page = (ROOT / "docs/explanation/when-the-facts-move.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    missing = [
        (file, name)
        for file, name in named
        if not re.search(rf"\b(def|class) {name}\b", (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert named
    assert missing == []


PAGES: list[tuple[str, FlowTable[Any, Any]]] = [
    (flow.page(), REGISTRATION_FLOW),
    (commitment.page(), COMMITMENT_FLOW),
    (payment.page(), PAYMENT_FLOW),
    (payment.page(), LINE_FLOW),
    (invoice.page(), INVOICE_FLOW),
    (deletion.page(), DELETION_FLOW),
]


@pytest.mark.parametrize(("page", "table"), PAGES)
def test_every_status_and_step_of_a_flow_is_drawn(page: str, table: FlowTable[Any, Any]) -> None:
    for status, steps in table.transitions.items():
        assert f"| `{status}` |" in page
        assert any(f" {status}" in line for line in page.splitlines() if "-->" in line)
        assert all(step.replace("_", " ") in page for step in steps)
