"""A locked office that renews two products with one form. It pays in part first, and the desk allocates what
came; each product gets a contract of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from deploy.local.demo.bank import Bank
from deploy.local.demo.desk import DeskClerk
from deploy.local.demo.evidence import EvidenceLine, check_effects
from deploy.local.demo.pdf import signatures, text
from deploy.local.demo.scene import Scene
from deploy.local.demo.texts import both, one_line
from deploy.local.demo.walks.paid_walk import PaidWalk, granted_text
from deploy.local.demo.walks.walk import Step
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.conditions import require, until
from deploy.local.samples.importer import create
from shared.text.amounts import vnd


@dataclass(kw_only=True)
class JointWalk(PaidWalk):
    """The scene's product leads; `other` is the scene of the same office's other product. The contract of one
    of them is prepared by the desk, so both are."""

    told_once: ClassVar[tuple[str, ...]] = ("registered", "contract")
    other: Scene
    _joined: dict[str, Any] = field(init=False, default_factory=dict)

    def steps(self) -> Iterator[EvidenceLine]:
        yield from super().steps()
        check_effects(self.other.witness, self.form)

    def _sequence(self) -> tuple[Step, ...]:
        return (
            self._locked,
            self._register,
            self._sign,
            self._pay_part,
            self._allocate,
            self._issue,
            self._renewed,
            self._grant,
            self._pay,
            self._invoice,
            self._file,
        )

    @property
    def _scenes(self) -> tuple[Scene, Scene]:
        return self.scene, self.other

    def _locked(self, step: int) -> EvidenceLine:
        create(self.scene.caller, self.other.office)
        line = super()._locked(step)
        require(not self.other.gate()["access"], *both("check.gate_refuses"))
        return line

    def _made(self) -> dict[str, Any]:
        today, others = self.scene.clock.today(), [self.other.office]
        made = self.scene.renewer.register_jointly(today, self.send_by, others)
        _, self._joined = made["products"]
        return dict(made["registration"])

    def _register(self, step: int) -> EvidenceLine:
        line = super()._register(step)
        told = self.other.witness.await_event("renewal.registered")
        require(told.body["lead_id"] == self._registration, *both("check.one_form_for_all"))
        form = text(self.scene.out / "phieu-dang-ky.pdf")
        require(self._joined["product_name"] in form, *both("check.one_form_for_all"))
        return line.with_more(told)

    def _pay_part(self, step: int) -> EvidenceLine:
        """What pays the other product comes; a clerk says which registration it is for. No product has it
        yet."""
        bank, asked = Bank(self.scene.caller), self._payment()
        bank.transfer(asked, self.scene.clock.today(), self._price)
        self.between("part transferred")
        bank.assign(asked, self.scene.renewer.registration(self._registration)["number"])
        until(lambda: self._payment()["status"] == "part_paid", *both("check.part_paid"))
        told = [scene.witness.await_event("renewal.payment_recorded") for scene in self._scenes]
        require(not any(event.body["paid_vnd"] for event in told), *both("check.nobodys_share"))
        return EvidenceLine(step, both("step.part_paid"), tuple(told), (vnd(self._price),))

    def _allocate(self, step: int) -> EvidenceLine:
        """The desk allocates it to the other product: that one has its access by the payment, longer than the
        first one by the form."""
        DeskClerk(self.scene.caller).allocate(self._registration, {self._joined["id"]: self._price})
        self.between("allocated")
        told = self.other.witness.await_event("renewal.payment_recorded", _is_paid)
        until(self._has_more, *both("check.paid_product_opens"))
        checks = [
            f"{scene.office.product_code}: {one_line('seen.days_left', days=_days_left(scene))}"
            for scene in self._scenes
        ]
        return EvidenceLine(step, both("step.allocated"), (told,), tuple(checks))

    def _issue(self, step: int) -> EvidenceLine:
        DeskClerk(self.scene.caller).accept(self._registration)
        line = super()._issue(step)
        issued = self.other.witness.await_event("signing.contract_issued")
        data = self.scene.renewer.document(self._joined["id"], "sealed_contract")
        contract = self.scene.keep("hop-dong-2.pdf", data)
        require(signatures(contract).intact == 1, *both("check.seal_intact"))
        number, first = issued.body["contract_number"], line.events[0].body["contract_number"]
        require(number in text(contract) and number != first, *both("check.contract_number"))
        return line.with_more(issued, checks=(f"{contract.name}: {number}",))

    def _renewed(self, step: int, *with_it: WitnessedEvent) -> EvidenceLine:
        line = super()._renewed(step, *with_it)
        renewed = self.other.witness.await_event("subscription.renewed")
        gate = until(lambda: self._until(renewed.body["term_to"]), *both("check.new_expiry"))
        require("write" in gate["access"], *both("check.access_back"))
        code, day = self.other.office.product_code, gate["expires_on"]
        return line.with_more(renewed, checks=(f"{code}: {one_line('seen.through')} {day}",))

    def _grant(self, step: int) -> EvidenceLine:
        found = [self._granted(scene, "full", "contract") for scene in self._scenes]
        checks = tuple(granted_text(*each) for each in found)
        return EvidenceLine(step, both("step.granted"), (*found[0], *found[1]), checks)

    def _pay(self, step: int) -> EvidenceLine:
        """The rest comes: it names the form, and pays exactly what is open."""
        Bank(self.scene.caller).transfer(self._payment(), self.scene.clock.today())
        until(lambda: self._payment()["status"] == "paid", *both("check.paid"))
        require(len(self._payment()["receipts"]) == 2, *both("check.two_receipts"))
        name = "renewal.payment_recorded"
        told = [scene.witness.await_event(name, _is_form_paid) for scene in self._scenes]
        require(all(_is_paid(event.body) for event in told), *both("check.paid"))
        return EvidenceLine(step, both("step.rest_paid"), tuple(told), ())

    def _invoice(self, step: int) -> EvidenceLine:
        line = super()._invoice(step)
        total, asked = line.events[1].body["total_vnd"], self._payment()["amount"]
        self.other.witness.look()
        alone = self.other.witness.find("renewal.invoice_requested") is None
        require(alone and total == asked, *both("check.one_invoice"))
        return line

    @property
    def _price(self) -> int:
        """What the other product costs, in đồng."""
        return int(self._joined["order"]["total"])

    def _has_more(self) -> bool:
        """Whether the paid product is open for longer than the other."""
        first, paid = map(_days_left, self._scenes)
        return first < paid

    def _until(self, day: str) -> dict[str, Any] | None:
        gate = self.other.gate()
        return gate if gate["expires_on"] == day else None


def _days_left(scene: Scene) -> int:
    """The days for which the product is open, temporary access included."""
    return int(scene.gate()["days_left"])


def _is_paid(body: dict[str, Any]) -> bool:
    """Whether the event tells the product that its own price is paid."""
    return bool(body["paid_vnd"] >= body["total_vnd"])


def _is_form_paid(body: dict[str, Any]) -> bool:
    return bool(body["form_paid_vnd"] >= body["form_total_vnd"])
