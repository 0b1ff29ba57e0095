"""Walks a locked office through a renewal on paper. The form is printed, stamped, photographed and posted;
the desk returns it once because the stamp is missing, and accepts it the second time.

It uses public interfaces only. `deploy.local.demo.scanner` simulates the scanner with the form that was
really issued.
"""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.pdf import text
from deploy.local.demo.post_room import CLERK, PostRoom
from deploy.local.demo.scanner import feeder_pdf, scan_pages
from deploy.local.demo.texts import both, one_line, seen
from deploy.local.demo.walks.walk import Step, Walk
from deploy.local.host.conditions import require, until

_SECOND_CLERK = "desk-2"


@dataclass
class PaperWalk(Walk):
    form: ClassVar[str] = "renewal.paper_form_accepted"
    send_by: ClassVar[str] = "paper"
    told_once: ClassVar[tuple[str, ...]] = ("registered", "paper_returned", "contract")
    _printed: bytes = field(init=False, default=b"")

    def _sequence(self) -> tuple[Step, ...]:
        return (
            self._locked,
            self._register,
            self._upload_copy,
            self._sent_back,
            self._accepted,
            self._issue,
            self._renewed,
        )

    def _upload_copy(self, step: int) -> EvidenceLine:
        """A photo of the stamped form opens the product for a while. The renewer has left the office, so the
        desk names a member as the new renewer, who uploads the photo."""
        self._printed = self.scene.renewer.document(self._registration, "form")
        photo = scan_pages(self._printed, sealed=True, seed=step, turn=90, skew=2.0, noise=6.0, shadow=0.3)[
            -1
        ]
        member = self._named(photo)
        copy = f"/v1/registrations/{self._registration}/paper/copy"
        self.scene.caller.upload("renewal", copy, member, photo, "image/jpeg", key="show")
        self.between("shown")
        named, told = self._event("renewal.renewer_named"), self._event("renewal.paper_copy_uploaded")
        opened = self._event("subscription.access_restored")
        gate = until(lambda: self._open(), *both("check.open_for_while"))
        until(lambda: self._banner_says(gate["temporary_until"]), *both("check.banner_says_so"))
        checks = (f"{one_line('seen.temporary_until')} {gate['temporary_until']}",)
        return EvidenceLine(step, both("step.form_shown"), (named, told, opened), checks)

    def _sent_back(self, step: int) -> EvidenceLine:
        self._receive_form(step, sealed=False)
        received = self._event("renewal.paper_form_received")
        told, _ = self._mailed("paper_received")
        self.between("received")
        self._decide("paper/return", {"reason": "unstamped", "note": one_line("reason.no_stamp")}, step)
        returned = self._event("renewal.paper_form_returned")
        mailed, subject = self._mailed("paper_returned")
        events = (received, told, returned, mailed)
        return EvidenceLine(step, both("step.received_sent_back"), events, (seen("mail", subject),))

    def _accepted(self, step: int) -> EvidenceLine:
        self._receive_form(step, sealed=True)
        self.between("received again")
        self._decide("paper/accept", None, step)
        accepted = self._event("renewal.paper_form_accepted")
        by_rule = self._event("renewal.accepted")
        require(by_rule.body["decided_by"] == "rule", *both("check.accepted_by_rule"))
        scan = self.scene.keep("phieu-dong-dau.pdf", self._document("signed_form", accepted.body["scan"]))
        return EvidenceLine(step, both("step.accepted"), (accepted, by_rule), (f"{scan.name}",))

    def _issue(self, step: int) -> EvidenceLine:
        line = super()._issue(step)
        contract = text(self.scene.out / "hop-dong.pdf")
        came_on = f"Bên B nhận bản giấy ngày {self.scene.clock.today():%d/%m/%Y}"
        require("ký và đóng dấu" in contract, *both("check.stands_on_form"))
        require(came_on in contract, *both("check.received_on"))
        return replace(line, checks=(*line.checks, came_on))

    def _named(self, evidence: bytes) -> str:
        """Name a new renewer for the office."""
        office, member = self.scene.office, f"member-{self.scene.office.office_ref}"
        person = {"user_ref": member, "name": office.contact_name, "title": "Kế toán"}
        why = {"email": office.contact_email, "reason": one_line("reason.renewer_left")}
        body = {**person, **why, "evidence": b64encode(evidence).decode()}
        path = f"/v1/offices/{office.office_ref}/renewer"
        self.scene.caller.put("renewal", path, CLERK, body, key="name renewer")
        return member

    def _receive_form(self, step: int, *, sealed: bool) -> None:
        """Receive the form as the feeder scans it: upside down, folded and noisy."""
        sheets = scan_pages(
            self._printed, sealed=sealed, seed=step, turn=180, skew=-1.5, noise=8.0, folded=True
        )
        came_on, key = self.scene.clock.today(), f"{self._registration} {step}"
        PostRoom(self.scene.caller).receive_form(
            feeder_pdf(sheets), came_on, key, lambda: self.between("fed")
        )

    def _decide(self, what: str, body: dict[str, str] | None, step: int) -> None:
        """Decide as the desk's clerk: claim, decide, release. A second clerk's session ends."""
        caller, claim = self.scene.caller, f"/v1/desk/registrations/{self._registration}/claim"
        caller.put("renewal", claim, CLERK, None)
        path = f"/v1/registrations/{self._registration}/{what}"
        caller.post("renewal", path, CLERK, body, key=f"{what} {step}")
        caller.delete("renewal", claim, CLERK)
        caller.sign_out("renewal", _SECOND_CLERK)

    def _open(self) -> dict[str, Any] | None:
        gate = self.scene.gate()
        return gate if gate["temporary_until"] and "write" in gate["access"] else None

    def _banner_says(self, day: str) -> bool:
        banner = self.scene.banner()
        return banner is not None and banner["temporary_until"] == day
