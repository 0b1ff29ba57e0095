"""Bank statements that a test uploads."""

from typing import Any

from shared.time.clock import SystemClock
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.service_process import until

COLUMNS = {
    "date": "Ngày",
    "memo": "Nội dung",
    "credit": "Ghi có",
    "debit": "Ghi nợ",
    "reference": "Số tham chiếu",
    "payer": "Người chuyển",
}
HEAD = "Ngày,Số tham chiếu,Ghi nợ,Ghi có,Nội dung,Người chuyển"


def table(*rows: tuple[str, int, str]) -> bytes:
    """Credits of today: the bank's reference, the amount, the memo."""
    today = f"{SystemClock().now():%d/%m/%Y}"
    lines = [f'{today},{reference},,{amount},"{memo}",' for reference, amount, memo in rows]
    return "\n".join([HEAD, *lines]).encode()


async def upload(world: World, desk: Headers, data: bytes) -> dict[str, Any]:
    """Waits until it is matched or refused."""
    layout = await world.client.put("/v1/desk/statement-layouts/Test", headers=desk, json=COLUMNS)
    assert layout.status_code == 200, layout.text
    sent = await world.client.post("/v1/desk/statements?layout=Test", headers=desk, content=data)
    assert sent.status_code == 202, sent.text

    async def done() -> dict[str, Any] | None:
        answer = await world.client.get(f"/v1/desk/statements/{sent.json()['id']}", headers=desk)
        found: dict[str, Any] = answer.json()
        return found if found["phase"] in ("matched", "refused") else None

    return await until(done, "statement")
