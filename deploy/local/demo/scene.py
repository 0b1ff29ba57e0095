"""The running stack as a walk sees it from outside."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.clock.clock import StackClock
from deploy.local.clock.drain import Drain
from deploy.local.demo.renewer import Renewer
from deploy.local.demo.texts import both
from deploy.local.demo.witness import Witness, WitnessedEvent
from deploy.local.host.conditions import require
from deploy.local.people.caller import Caller
from deploy.local.samples.importer import read_gate
from services.subscription.spreadsheet.row import Row


@dataclass(frozen=True, slots=True)
class Scene:
    """What a walk needs: the walked `office`, its `renewer`, and `out`, the folder for documents."""

    office: Row
    renewer: Renewer
    caller: Caller
    clock: StackClock
    drain: Drain
    witness: Witness
    out: Path

    def gate(self) -> dict[str, Any]:
        """The login gate's current answer about the office."""
        now: dict[str, Any] = read_gate(self.caller, self.office)["products"][0]
        return now

    def knows(self) -> bool:
        """Whether the login gate knows the office."""
        known: bool = read_gate(self.caller, self.office)["known"]
        return known

    def banner(self) -> dict[str, Any] | None:
        shown = self.caller.get("notifier", "/v1/banners", office_ref=self.office.office_ref)
        return next((banner for banner in shown if banner["product_code"] == self.office.product_code), None)

    def letter(self, notice: WitnessedEvent) -> dict[str, Any]:
        """The letter that belongs to a NoticeDelivered event; there must be exactly one."""
        letters = self.caller.get("pages", "/v1/mail", to=self.office.contact_email)
        of_notice = [letter for letter in letters if letter["message_id"] == notice.body["message_id"]]
        require(len(of_notice) == 1, *both("check.one_letter", count=len(of_notice)))
        found: dict[str, Any] = of_notice[0]
        return found

    def keep(self, name: str, data: bytes) -> Path:
        """Write a document into `out`."""
        file = self.out / name
        file.write_bytes(data)
        return file
