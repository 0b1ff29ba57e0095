"""Simulates a clerk of the renewals desk, who decides about one registration."""

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.demo.post_room import CLERK
from deploy.local.demo.texts import both, one_line
from deploy.local.host.conditions import until
from deploy.local.people.caller import Caller


@dataclass(frozen=True, slots=True)
class DeskClerk:
    """Each request has a key: one that is repeated takes effect once."""

    caller: Caller

    def accept_commitment(self, registration: str) -> None:
        """Accept the day by which the office commits itself to pay, once its form waits for the desk."""
        self._await_form(registration)
        self._decide(registration, "commitment/acceptance")

    def accept(self, registration: str) -> None:
        """Accept the registration, once its form waits for the desk."""
        self._await_form(registration)
        self._decide(registration, "accept")

    def allocate(self, registration: str, amounts: Mapping[str, int]) -> None:
        """Allocate a part payment to the products, in đồng by the products' registrations."""
        path = f"/v1/joint-registrations/{registration}/allocation"
        products = [{"registration_id": id, "amount": amount} for id, amount in amounts.items()]
        self.caller.put("renewal", path, CLERK, {"products": products}, key=f"allocate {registration}")

    def _await_form(self, registration: str) -> None:
        def waits() -> bool:
            found = self.caller.get("renewal", f"/v1/registrations/{registration}", CLERK)
            return bool(found["status"] == "awaiting_confirmation")

        until(waits, *both("check.form_waits_for_desk"))

    def _decide(self, registration: str, what: str) -> None:
        path = f"/v1/registrations/{registration}/{what}"
        reason = {"reason": one_line("reason.looked_at")}
        self.caller.post("renewal", path, CLERK, reason, key=f"{what} {registration}")
