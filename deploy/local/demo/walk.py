"""Walks one office through a whole renewal by public interfaces only: REST, topics and the mailbox.

Each step does one thing, waits for its results, and checks them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar

from deploy.local.clock.clock import ZONE, advance
from deploy.local.demo.evidence import EvidenceLine, read_back
from deploy.local.demo.pdf import signatures, text
from deploy.local.demo.scene import Scene
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.conditions import require, until
from shared.time.calendar import start_of_day

Step = Callable[[int], EvidenceLine]


def _discard(said: str) -> None:
    """Drop the text."""


@dataclass(slots=True)
class Walk:
    """`between` is called at named moments, so that a test can disturb the walk; `tell`
    prints each midnight."""

    scene: Scene
    between: Callable[[str], None] = _discard
    tell: Callable[[str], None] = _discard
    form: ClassVar[str] = "signing.form_signed"
    send_by: ClassVar[str] = "electronic"
    told_once: ClassVar[tuple[str, ...]] = ("locked", "registered", "contract")
    _registration: str = field(init=False, default="")

    def steps(self) -> Iterator[EvidenceLine]:
        """Do all steps. Raises StackProblem or CallRefused at the first result that is wrong."""
        lines: list[EvidenceLine] = []
        for number, step in enumerate(self._sequence(), 1):
            lines.append(step(number))
            yield lines[-1]
            self.between(f"after step {number}")
        yield read_back(self.scene.witness, lines, len(lines) + 1, self.form)

    def _sequence(self) -> tuple[Step, ...]:
        return (self._remind, self._lock, self._register, self._sign, self._issue, self._restore)

    def _remind(self, step: int) -> EvidenceLine:
        while not self.scene.witness.find("subscription.expiring"):
            self._next_midnight()
        reminder = self._event("subscription.expiring")
        mailed, subject = self._mailed("expiring")
        banner = until(self.scene.banner, "dải thông báo", "the banner")
        checks = (f"thư / mail: {subject}", f"dải thông báo / banner: {banner['title']['vi']}")
        return EvidenceLine(step, ("Nhắc gia hạn", "Reminded"), (reminder, mailed), checks)

    def _lock(self, step: int) -> EvidenceLine:
        while self.scene.clock.today() <= self.scene.office.expires_on:
            self._next_midnight()
        lock = self._event("subscription.access_locked")
        mailed, subject = self._mailed("locked")
        gate, notice = self.scene.gate(), self.scene.banner()
        require(gate["stage"] == "locked" and not gate["access"], "cửa đăng nhập từ chối", "the gate refuses")
        level = notice["level"] if notice else "none"
        require(level == "blocked", "thông báo khóa", "the lock notice is up")
        checks = (f"thư / mail: {subject}", f"cửa đăng nhập từ chối / gate refuses: {gate['reason'][0]}")
        return EvidenceLine(step, ("Khóa đăng nhập", "Locked"), (lock, mailed), checks)

    def _register(self, step: int) -> EvidenceLine:
        made = self.scene.renewer.register(self.scene.clock.today(), self.send_by)
        self._registration = made["id"]
        self.between("registered")
        registered = self._event("renewal.registered")
        mailed, subject = self._mailed("registered")
        form = self.scene.keep("phieu-dang-ky.pdf", self._document("form", registered.body["form"]))
        found = signatures(form)
        require(found.empty >= 1 and found.filled == 0, "ô chữ ký còn trống", "empty signature fields")
        require(
            self.scene.office.name in text(form), "tên đơn vị trên phiếu", "the office's name on the form"
        )
        checks = (f"thư / mail: {subject}", f"{form.name}: ô chữ ký trống / empty signature field")
        return EvidenceLine(step, (f"Đăng ký {made['number']}", "Registered"), (registered, mailed), checks)

    def _sign(self, step: int) -> EvidenceLine:
        holding = "digest given out"
        algorithm = self.scene.renewer.sign(self._registration, lambda: self.between(holding))
        self.between("signed")
        signed = self._event("signing.form_signed")
        document = self._document("signed_form", signed.body["signed_form"])
        form = self.scene.keep("phieu-dang-ky-da-ky.pdf", document)
        require(signatures(form).intact == 1, "một chữ ký nguyên vẹn", "one intact signature")
        checks = (f"khóa ở tiến trình riêng / key in its own process: {algorithm}", f"{form.name}: 1 chữ ký")
        return EvidenceLine(step, ("Ký số phiếu", "Form signed"), (signed,), checks)

    def _issue(self, step: int) -> EvidenceLine:
        prepared = self._event("renewal.contract_prepared")
        issued = self._event("signing.contract_issued")
        number, signed_form = issued.body["contract_number"], issued.body["signed_form"]["sha256"]
        document = self._document("sealed_contract", issued.body["contract"])
        contract = self.scene.keep("hop-dong.pdf", document)
        require(signatures(contract).intact == 1, "dấu nhà cung cấp nguyên vẹn", "the seal is intact")
        said = text(contract)
        require(number in said, "số trên hợp đồng", "the contract's number on it")
        require(signed_form in said.replace(" ", ""), "mã phiếu đã ký", "the signed form's hash on it")
        checks = (f"{contract.name}: nhà cung cấp đã ký số / sealed by the vendor",)
        return EvidenceLine(step, (f"Hợp đồng {number}", "Contract issued"), (issued, prepared), checks)

    def _restore(self, step: int) -> EvidenceLine:
        return self._renewed(step, self._event("subscription.access_restored"))

    def _renewed(self, step: int, *with_it: WitnessedEvent) -> EvidenceLine:
        renewed = self._event("subscription.renewed")
        mailed, subject = self._mailed("contract")
        gate = self.scene.gate()
        require("write" in gate["access"], "đăng nhập được trở lại", "access is back")
        require(gate["expires_on"] == renewed.body["term_to"], "hạn mới", "the new expiry")
        until(lambda: self.scene.banner() is None, "dải thông báo đã gỡ", "the banner is gone")
        checks = (f"thư / mail: {subject}", f"dùng đến / through {gate['expires_on']}, hết thông báo")
        return EvidenceLine(step, ("Gia hạn", "Renewed"), (renewed, *with_it, mailed), checks)

    def _next_midnight(self) -> None:
        clock = self.scene.clock
        midnight = start_of_day(clock.today() + timedelta(days=1), ZONE)
        advance(clock, midnight, self.scene.drain, self.tell)
        self.scene.witness.look()

    def _event(self, name: str) -> WitnessedEvent:
        return self.scene.witness.await_event(name)

    def _mailed(self, reason: str) -> tuple[WitnessedEvent, str]:
        """The event of the notice that was delivered for `reason`, and the subject of its letter."""
        notice = self.scene.witness.await_event("notifier.delivered", lambda body: body["reason"] == reason)
        return notice, str(self.scene.letter(notice)["subject"])

    def _document(self, kind: str, told: dict[str, str]) -> bytes:
        """The document from the dossier; it must be the one that the event named."""
        data = self.scene.renewer.document(self._registration, kind)
        require(
            sha256(data).hexdigest() == told["sha256"], f"{kind} như sự kiện", f"{kind} as the event said"
        )
        return data
