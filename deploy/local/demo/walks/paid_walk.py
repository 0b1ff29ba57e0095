"""An electronic renewal, with what follows it: the resources, the invoice, the payment by a bank statement,
and the dossier of all that."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.post_room import CLERK
from deploy.local.demo.texts import both, one_line, seen
from deploy.local.demo.walks.walk import Step, Walk
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
    """Simulates the vendor's bank and the clerk who takes its statement in: the office's transfer stands on
    it, with its memo written as banks write memos."""

    caller: Caller

    def transfer(self, payment: dict[str, Any], on: date) -> None:
        """The transfer that the office is asked to make (`payment` as the service shows it) comes, and the
        statement of the day is taken in, twice, and once more as another file. Raises StackProblem if it
        isn't matched."""
        asked = payment["transfer"]
        memo = f"MBVCB.2408.{asked['memo'].lower()}.CT tu 0011 toi {asked['account']}"
        head = "Ngay,So tham chieu,Ghi no,Ghi co,Noi dung"
        line = f"{on:%d/%m/%Y},FT{asked['memo']},,{asked['amount']},{memo}"
        fee = f"{on:%d/%m/%Y},PHI{asked['memo']},11000,,Phi chuyen tien"
        self.caller.put("renewal", f"/v1/desk/statement-layouts/{_LAYOUT}", CLERK, _COLUMNS)
        statement = "\n".join([head, line, fee]).encode()
        for file in (statement, statement, statement + b"\n"):
            sent = self.caller.upload(
                "renewal", f"/v1/desk/statements?layout={_LAYOUT}", CLERK, file, "text/csv"
            )
        until(lambda: self._matched(sent["id"]), *both("check.statement_matched"))

    def _matched(self, id: str) -> bool:
        found = self.caller.get("renewal", f"/v1/desk/statements/{id}", CLERK)
        require(found["phase"] != "refused", *both("check.statement_matched"))
        return bool(found["phase"] == "matched")


class PaidWalk(Walk):
    def _sequence(self) -> tuple[Step, ...]:
        return (*super()._sequence(), self._grant, self._invoice, self._pay, self._file)

    def _grant(self, step: int) -> EvidenceLine:
        """The contract in force asks the platform for what was ordered; the local stack's platform grants
        it."""
        caller, office, person = self.scene.caller, self.scene.office, self.scene.renewer.person
        witness, full = self.scene.witness, {"kind": "full", "cause": "contract"}
        requested = witness.await_event("renewal.resources_requested", lambda body: body | full == body)
        asked = requested.body
        granted = witness.await_event(
            "platform.resources_granted", lambda body: body["grant_id"] == asked["grant_id"]
        )
        same = all(granted.body[name] == asked[name] for name in ("package", "users", "storage_gb"))
        require(same and not granted.body["withdrawn"], *both("check.granted_as_asked"))
        path = f"/v1/offices/{office.office_ref}/products/{office.product_code}/resources"

        def confirmed() -> bool:
            grants = caller.get("renewal", path, person)["grants"]
            mine = next(each for each in grants if each["grant_id"] == asked["grant_id"])
            return mine["confirmed_at"] is not None

        until(confirmed, *both("check.granted"))
        checks = (both("seen.granted", users=asked["users"], used=granted.body["users_used"]).line,)
        return EvidenceLine(step, both("step.granted"), (requested, granted), checks)

    def _invoice(self, step: int) -> EvidenceLine:
        """The contract in force requests the invoice; the local stack's e-invoice system issues it."""
        requested, issued = self._event("renewal.invoice_requested"), self._event("renewal.invoice_issued")
        number = f"{issued.body['symbol']} {issued.body['number']}"
        require(issued.body["total_vnd"] > 0, *both("check.invoice_total"))
        checks = (f"{one_line('seen.invoice')} {number}",)
        return EvidenceLine(step, both("step.invoiced"), (requested, issued), checks)

    def _pay(self, step: int) -> EvidenceLine:
        path, person = f"/v1/registrations/{self._registration}/payment", self.scene.renewer.person
        caller = self.scene.caller
        record = caller.file("renewal", f"{path}/papers/acceptance", person)
        require(record.startswith(b"%PDF"), *both("check.treasury_paper"))
        Bank(caller).transfer(caller.get("renewal", path, person), self.scene.clock.today())
        paid = self._event("renewal.payment_recorded")
        until(lambda: caller.get("renewal", path, person)["status"] == "paid", *both("check.paid"))
        receipts = caller.get("renewal", path, person)["receipts"]
        require(len(receipts) == 1, *both("check.one_receipt"))
        mailed, subject = self._mailed("payment_received")
        return EvidenceLine(step, both("step.paid"), (paid, mailed), (seen("mail", subject),))

    def _file(self, step: int) -> EvidenceLine:
        """The command that whoever gets a dossier has finds the archive intact, offline."""
        path = f"/v1/registrations/{self._registration}/dossier.zip"
        data = self.scene.caller.file("renewal", path, self.scene.renewer.person)
        archive = self.scene.keep("ho-so.zip", data)
        command = [sys.executable, "-m", "tools.dossier", "verify", str(archive)]
        check = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        require(check.returncode == 0, *both("check.dossier_intact", said=check.stdout + check.stderr))
        checks = (f"{archive.name}: {check.stdout.splitlines()[0]}",)
        return EvidenceLine(step, both("step.filed"), (self._event("renewal.payment_recorded"),), checks)
