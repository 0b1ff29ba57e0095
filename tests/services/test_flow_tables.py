"""Every long flow has one sound table: nothing waits without somebody who must act, and a limit."""

from pathlib import Path
from typing import Any

import pytest

from services.renewal.domain.flow import REGISTRATION_FLOW
from services.renewal.domain.invoice.invoice_flow import INVOICE_FLOW
from services.renewal.domain.payment.bank_line import LINE_FLOW
from services.renewal.domain.payment.commitment import COMMITMENT_FLOW
from services.renewal.domain.payment.payment_flow import PAYMENT_FLOW
from services.subscription.domain.deletion_flow import DELETION_FLOW
from shared.flow_table import FlowTable

TABLES: dict[str, FlowTable[Any, Any]] = {
    "registration": REGISTRATION_FLOW,
    "commitment": COMMITMENT_FLOW,
    "payment": PAYMENT_FLOW,
    "line": LINE_FLOW,
    "invoice": INVOICE_FLOW,
    "deletion": DELETION_FLOW,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_flow_is_sound(name: str) -> None:
    assert list(TABLES[name].flaws()) == []


def test_no_flow_is_forgotten() -> None:
    sources = Path(__file__).parents[2].joinpath("services").rglob("*.py")
    assert sum(source.read_text(encoding="utf-8").count("= FlowTable(") for source in sources) == len(TABLES)
