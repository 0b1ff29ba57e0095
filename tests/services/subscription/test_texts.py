"""Every refusal has its text, and every text its refusal."""

import re
from pathlib import Path

from services.subscription import texts

SERVICE = Path(texts.__file__).parent
_RAISED = re.compile(r"SubscriptionError\(([^)]*)\)")


def test_every_refusal_has_a_text() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in SERVICE.rglob("*.py"))
    raised = " ".join(_RAISED.findall(source))
    rules = {rule for rule in re.findall(r'"([a-z-]+)"', raised) if "-" in rule}
    assert rules == set(texts.REFUSALS)
