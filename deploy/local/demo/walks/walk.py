"""Walks one office through a whole renewal by public interfaces only: pages or REST, topics and the
mailbox.

Each step does one thing, waits for its results, and checks them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar

from deploy.local.clock.clock import ZONE, advance
from deploy.local.demo.evidence import EvidenceLine, read_back
from deploy.local.demo.pdf import signatures, text
from deploy.local.demo.scene import Scene
from deploy.local.demo.texts import both, one_line, seen
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.conditions import require, until
from deploy.local.samples.importer import create
from shared.text.i18n import Text
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

    def _locked(self, step: int) -> EvidenceLine:
        """The office comes into the system as one that is locked already."""
        create(self.scene.caller, self.scene.office)
        adopted = self._event("subscription.adopted")
        self.scene.drain.wait()
        gate = self.scene.gate()
        require(gate["stage"] == "locked" and not gate["access"], *both("check.gate_refuses"))
        return EvidenceLine(step, both("step.already_locked"), (adopted,), (gate["reason"][0],))

    def _remind(self, step: int) -> EvidenceLine:
        while not self.scene.witness.find("subscription.expiring"):
            self._next_midnight()
        reminder = self._event("subscription.expiring")
        mailed, subject = self._mailed("expiring")
        banner = until(self.scene.banner, *both("check.banner"))
        checks = (
            seen("mail", subject),
            seen("banner", banner["title"]["vi"]),
        )
        return EvidenceLine(step, both("step.reminded"), (reminder, mailed), checks)

    def _lock(self, step: int) -> EvidenceLine:
        while self.scene.clock.today() <= self.scene.office.expires_on:
            self._next_midnight()
        lock = self._event("subscription.access_locked")
        mailed, subject = self._mailed("locked")
        gate, notice = self.scene.gate(), self.scene.banner()
        require(gate["stage"] == "locked" and not gate["access"], *both("check.gate_refuses"))
        level = notice["level"] if notice else "none"
        require(level == "blocked", *both("check.lock_notice_up"))
        checks = (
            seen("mail", subject),
            seen("gate_refuses", gate["reason"][0]),
        )
        return EvidenceLine(step, both("step.sign_in_locked"), (lock, mailed), checks)

    def _register(self, step: int) -> EvidenceLine:
        made = self._made()
        self._registration = made["id"]
        self.between("registered")
        registered = self._event("renewal.registered")
        mailed, subject = self._mailed("registered")
        form = self.scene.keep("phieu-dang-ky.pdf", self._document("form", registered.body["form"]))
        found = signatures(form)
        require(found.empty >= 1 and found.filled == 0, *both("check.empty_signature_fields"))
        require(self.scene.office.name in text(form), *both("check.office_name_form"))
        checks = (seen("mail", subject), f"{form.name}: {one_line('seen.empty_field')}")
        return EvidenceLine(
            step, with_number("walk.registered", made["number"]), (registered, mailed), checks
        )

    def _made(self) -> dict[str, Any]:
        """The registration that the renewer makes."""
        return self.scene.renewer.register(self.scene.clock.today(), self.send_by)

    def _sign(self, step: int) -> EvidenceLine:
        holding = "digest given out"
        algorithm = self.scene.renewer.sign(self._registration, lambda: self.between(holding))
        self.between("signed")
        signed = self._event("signing.form_signed")
        document = self._document("signed_form", signed.body["signed_form"])
        form = self.scene.keep("phieu-dang-ky-da-ky.pdf", document)
        require(signatures(form).intact == 1, *both("check.one_intact_signature"))
        checks = (seen("key", algorithm), f"{form.name}: {both('seen.one_signature').vi}")
        return EvidenceLine(step, both("step.form_signed"), (signed,), checks)

    def _issue(self, step: int) -> EvidenceLine:
        prepared = self._event("renewal.contract_prepared")
        issued = self._event("signing.contract_issued")
        number, signed_form = issued.body["contract_number"], issued.body["signed_form"]["sha256"]
        document = self._document("sealed_contract", issued.body["contract"])
        contract = self.scene.keep("hop-dong.pdf", document)
        require(signatures(contract).intact == 1, *both("check.seal_intact"))
        said = text(contract)
        require(number in said, *both("check.contract_number"))
        require(signed_form in said.replace(" ", ""), *both("check.form_hash"))
        checks = (f"{contract.name}: {one_line('seen.sealed')}",)
        return EvidenceLine(step, with_number("walk.contract_issued", number), (issued, prepared), checks)

    def _restore(self, step: int) -> EvidenceLine:
        return self._renewed(step, self._event("subscription.access_restored"))

    def _renewed(self, step: int, *with_it: WitnessedEvent) -> EvidenceLine:
        renewed = self._event("subscription.renewed")
        mailed, subject = self._mailed("contract")
        gate = self.scene.gate()
        require("write" in gate["access"], *both("check.access_back"))
        require(gate["expires_on"] == renewed.body["term_to"], *both("check.new_expiry"))
        until(lambda: self.scene.banner() is None, *both("check.banner_gone"))
        checks = (
            seen("mail", subject),
            f"{one_line('seen.through')} {gate['expires_on']}, {both('seen.no_notice').vi}",
        )
        return EvidenceLine(step, both("step.renewed"), (renewed, *with_it, mailed), checks)

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
        require(sha256(data).hexdigest() == told["sha256"], *both("check.event_said", kind=kind))
        return data


def with_number(key: str, number: str) -> Text:
    """The title of a step, in Vietnamese with the number."""
    title = both(key)
    return Text(f"{title.vi} {number}", title.en)
