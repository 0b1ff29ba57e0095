"""Calls the subscription service over HTTP as the vendor's operations staff."""

from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local.host.conditions import until
from services.subscription.spreadsheet.reader import write_rows
from services.subscription.spreadsheet.row import Row
from shared.web.people import Role
from tests.faults.processes import ServiceProcesses
from tests.support.people import People

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class OpsClient:
    parts: ServiceProcesses
    people: People

    def take_in(self, rows: list[Row]) -> None:
        """Propose, confirm and apply an import. Raises the service's error answers."""
        proposed = self._ask("POST", "/v1/imports", content=write_rows(rows), type="text/csv")
        path = f"/v1/imports/{proposed['import_id']}"
        self._ask("POST", f"{path}/confirmation", json={"reason": "sample offices"})
        until(lambda: self._ask("GET", path)["state"] == "applied", "đã nhập", "taken in")

    def gate(self, row: Row) -> str:
        """The stage that the login gate reports."""
        answer = self._ask("GET", f"/v1/access/{row.office_ref}/{row.product_code}")
        return str(answer["products"][0]["stage"])

    def _ask(self, method: str, path: str, type: str = "application/json", **body: Any) -> Any:
        url = self.parts.running["subscription"].url + path
        headers = self.people.headers(Role.OPS) | {"content-type": type}
        answer = httpx.request(method, url, headers=headers, timeout=_SECONDS, trust_env=False, **body)
        answer.raise_for_status()
        return answer.json()
