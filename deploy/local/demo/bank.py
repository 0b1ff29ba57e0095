"""Simulates the vendor's bank, and the clerk who takes its statements in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.local.demo.post_room import CLERK
from deploy.local.demo.texts import both
from deploy.local.host.conditions import require, until
from deploy.local.people.caller import Caller

_LAYOUT = "Demo"
_COLUMNS = {
    "date": "Ngay",
    "memo": "Noi dung",
    "credit": "Ghi co",
    "debit": "Ghi no",
    "reference": "So tham chieu",
}


@dataclass(frozen=True, slots=True)
class Bank:
    """`payment`, of each method, is the payment as the renewal service shows it."""

    caller: Caller

    def transfer(self, payment: dict[str, Any], on: date, amount: int | None = None) -> None:
        """The transfer that the office is asked to make comes, or only `amount` of it, in đồng. Its memo is
        written as banks write memos. The statement of the day is taken in, twice, and once more as another
        file. Raises StackProblem if it isn't matched."""
        asked = payment["transfer"]
        money = amount or asked["amount"]
        memo = f"MBVCB.2408.{asked['memo'].lower()}.CT tu 0011 toi {asked['account']}"
        head = "Ngay,So tham chieu,Ghi no,Ghi co,Noi dung"
        line = f"{on:%d/%m/%Y},FT{money}{asked['memo']},,{money},{memo}"
        fee = f"{on:%d/%m/%Y},PHI{money}{asked['memo']},11000,,Phi chuyen tien"
        self.caller.put("renewal", f"/v1/desk/statement-layouts/{_LAYOUT}", CLERK, _COLUMNS)
        statement = "\n".join([head, line, fee]).encode()
        for file in (statement, statement, statement + b"\n"):
            sent = self.caller.upload(
                "renewal", f"/v1/desk/statements?layout={_LAYOUT}", CLERK, file, "text/csv"
            )
        until(lambda: self._matched(sent["id"]), *both("check.statement_matched"))

    def assign(self, payment: dict[str, Any], number: str) -> None:
        """The clerk says that the line which waits, because its sum isn't what is open, pays the registration
        with that number."""
        memo = payment["transfer"]["memo"].lower()
        line = until(lambda: self._waiting(memo), *both("check.line_waits"))
        path = f"/v1/desk/bank-lines/{line['id']}/assignment"
        shares = {"shares": [{"registration_no": number}]}
        self.caller.post("renewal", path, CLERK, shares, key=f"assign {line['id']}")

    def _waiting(self, memo: str) -> dict[str, Any] | None:
        lines: list[dict[str, Any]] = self.caller.get("renewal", "/v1/desk/bank-lines", CLERK)
        return next((line for line in lines if memo in line["line"]["memo"]), None)

    def _matched(self, id: str) -> bool:
        found = self.caller.get("renewal", f"/v1/desk/statements/{id}", CLERK)
        require(found["phase"] != "refused", *both("check.statement_matched"))
        return bool(found["phase"] == "matched")
