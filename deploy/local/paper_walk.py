"""An office that was locked, through a renewal on paper: the printed form is stamped, shown, posted, sent
back once for want of a stamp, and accepted at the second time. By public interfaces only.

No paper is at hand here: the scanner is played by `deploy.local.scanner`, from the very form that was issued.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from deploy.local.evidence import Line
from deploy.local.pdf import text
from deploy.local.samples import create
from deploy.local.scanner import feeder, scanned
from deploy.local.waiting import require, until
from deploy.local.walk import Step, Walk

_CLERK = "desk"
_NOTE = "Phiếu chưa có con dấu / no stamp"


@dataclass
class PaperWalk(Walk):
    form: ClassVar[str] = "renewal.paper_form_accepted"
    send_by: ClassVar[str] = "paper"
    _printed: bytes = field(init=False, default=b"")

    def _in_order(self) -> tuple[Step, ...]:
        return (
            self._locked,
            self._register,
            self._shown,
            self._sent_back,
            self._accepted,
            self._issue,
            self._restore,
        )

    def _locked(self, step: int) -> Line:
        create(self.scene.caller, self.scene.office)
        adopted = self._event("subscription.adopted")
        until(self.scene.knows, "cửa đăng nhập biết đơn vị", "the gate knows the office")
        gate = self.scene.gate()
        require(gate["stage"] == "locked" and not gate["access"], "cửa đăng nhập từ chối", "the gate refuses")
        return Line(step, ("Đang bị khóa", "Locked"), (adopted,), (gate["reason"][0],))

    def _shown(self, step: int) -> Line:
        """A photo of the stamped form opens the product for a while."""
        self._printed = self.scene.renewer.document(self._registration, "form")
        photo = scanned(self._printed, seed=step, turn=90, skew=2.0, noise=6.0, shadow=0.3)[0]
        self.scene.renewer.show(self._registration, photo)
        self.between("shown")
        told = self._event("renewal.paper_copy_uploaded")
        opened = self._event("subscription.access_restored")
        gate = until(lambda: self._open(), "mở tạm thời", "open for a while")
        checks = (f"tạm thời đến / temporary until {gate['temporary_until']}",)
        return Line(step, ("Gửi ảnh phiếu", "Form shown"), (told, opened), checks)

    def _sent_back(self, step: int) -> Line:
        self._take_in(step)
        received = self._event("renewal.paper_form_received")
        self.between("received")
        back = {"reason": "unstamped", "note": _NOTE}
        self._decide("paper/return", back, step)
        returned = self._event("renewal.paper_form_returned")
        mailed, subject = self._mailed("paper_returned")
        checks = (f"thư / mail: {subject}",)
        return Line(step, ("Nhận và trả lại", "Received, sent back"), (received, returned, mailed), checks)

    def _accepted(self, step: int) -> Line:
        self._take_in(step)
        self.between("received again")
        self._decide("paper/accept", None, step)
        accepted = self._event("renewal.paper_form_accepted")
        by_rule = self._event("renewal.accepted")
        require(by_rule.body["decided_by"] == "rule", "chấp nhận theo quy tắc", "accepted by rule")
        scan = self.scene.keep("phieu-dong-dau.pdf", self._document("signed_form", accepted.body["scan"]))
        return Line(step, ("Nhận phiếu đóng dấu", "Accepted"), (accepted, by_rule), (f"{scan.name}",))

    def _issue(self, step: int) -> Line:
        line = super()._issue(step)
        contract = self.scene.out / "hop-dong.pdf"
        require("bản chụp phiếu đã đóng dấu" in text(contract), "dựa trên phiếu giấy", "it stands on paper")
        return line

    def _take_in(self, seed: int) -> None:
        """As the desk's feeder sends it: all sheets in one PDF, upside down and noisy."""
        sheets = feeder(scanned(self._printed, seed=seed, turn=180, skew=-1.5, noise=8.0, folded=True))
        path = f"/v1/registrations/{self._registration}/paper"
        posted = f"{path}?received_on={self.scene.clock.today()}"
        taken = self.scene.caller.upload(
            "renewal", posted, _CLERK, sheets, "application/pdf", key=f"take in {seed}"
        )
        require(taken["code_read"], "đọc được mã trên phiếu", "the form's code is read")

    def _decide(self, what: str, body: dict[str, str] | None, step: int) -> None:
        path = f"/v1/registrations/{self._registration}/{what}"
        self.scene.caller.post("renewal", path, _CLERK, body, key=f"{what} {step}")

    def _open(self) -> dict[str, Any] | None:
        gate = self.scene.gate()
        return gate if gate["temporary_until"] and "write" in gate["access"] else None
