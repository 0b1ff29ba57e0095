"""An electronic renewal, with what follows it: the resources, the invoice, the payment by a bank statement,
and the dossier of all that."""

import subprocess
import sys
from typing import Any

from deploy.local.demo.bank import Bank
from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.scene import Scene
from deploy.local.demo.texts import both, one_line, seen
from deploy.local.demo.walks.walk import Step, Walk
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.conditions import require, until


class PaidWalk(Walk):
    def _sequence(self) -> tuple[Step, ...]:
        return (*super()._sequence(), self._grant, self._invoice, self._pay, self._file)

    def _grant(self, step: int) -> EvidenceLine:
        """The contract in force asks the platform for what was ordered; the local stack's platform grants
        it."""
        requested, granted = self._granted(self.scene, "full", "contract")
        checks = (granted_text(requested, granted),)
        return EvidenceLine(step, both("step.granted"), (requested, granted), checks)

    def _granted(self, scene: Scene, kind: str, cause: str) -> tuple[WitnessedEvent, WitnessedEvent]:
        """What was requested for the scene's product, and what the platform granted, as the office sees
        it."""
        wanted = {"kind": kind, "cause": cause}
        requested = scene.witness.await_event(
            "renewal.resources_requested", lambda body: body | wanted == body
        )
        asked = requested.body
        granted = scene.witness.await_event(
            "platform.resources_granted", lambda body: body["grant_id"] == asked["grant_id"]
        )
        same = all(granted.body[name] == asked[name] for name in ("package", "users", "storage_gb"))
        require(same and not granted.body["withdrawn"], *both("check.granted_as_asked"))
        office = scene.office
        path = f"/v1/offices/{office.office_ref}/products/{office.product_code}/resources"

        def confirmed() -> bool:
            grants = scene.caller.get("renewal", path, scene.renewer.person)["grants"]
            mine = next(each for each in grants if each["grant_id"] == asked["grant_id"])
            return mine["confirmed_at"] is not None

        until(confirmed, *both("check.granted"))
        return requested, granted

    def _invoice(self, step: int) -> EvidenceLine:
        """The contract in force requests the invoice; the local stack's e-invoice system issues it."""
        requested, issued = self._event("renewal.invoice_requested"), self._event("renewal.invoice_issued")
        number = f"{issued.body['symbol']} {issued.body['number']}"
        require(issued.body["total_vnd"] > 0, *both("check.invoice_total"))
        checks = (f"{one_line('seen.invoice')} {number}",)
        return EvidenceLine(step, both("step.invoiced"), (requested, issued), checks)

    def _pay(self, step: int) -> EvidenceLine:
        Bank(self.scene.caller).transfer(self._payment(), self.scene.clock.today())
        paid = self._event("renewal.payment_recorded")
        until(lambda: self._payment()["status"] == "paid", *both("check.paid"))
        require(len(self._payment()["receipts"]) == 1, *both("check.one_receipt"))
        mailed, subject = self._mailed("payment_received")
        return EvidenceLine(step, both("step.paid"), (paid, mailed), (seen("mail", subject),))

    def _payment(self) -> dict[str, Any]:
        path = f"/v1/registrations/{self._registration}/payment"
        shown: dict[str, Any] = self.scene.caller.get("renewal", path, self.scene.renewer.person)
        return shown

    def _file(self, step: int) -> EvidenceLine:
        """The record of acceptance, for the State Treasury, is a PDF. The command that whoever gets a dossier
        has finds the archive intact, offline."""
        path, person = f"/v1/registrations/{self._registration}", self.scene.renewer.person
        record = self.scene.caller.file("renewal", f"{path}/payment/papers/acceptance", person)
        require(record.startswith(b"%PDF"), *both("check.treasury_paper"))
        data = self.scene.caller.file("renewal", f"{path}/dossier.zip", person)
        archive = self.scene.keep("ho-so.zip", data)
        command = [sys.executable, "-m", "tools.dossier", "verify", str(archive)]
        check = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        require(check.returncode == 0, *both("check.dossier_intact", said=check.stdout + check.stderr))
        checks = (f"{archive.name}: {check.stdout.splitlines()[0]}",)
        return EvidenceLine(step, both("step.filed"), (self._event("renewal.payment_recorded"),), checks)


def granted_text(requested: WitnessedEvent, granted: WitnessedEvent) -> str:
    users, used = requested.body["users"], granted.body["users_used"]
    return both("seen.granted", users=users, used=used).line
