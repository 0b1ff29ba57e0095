"""A locked office that commits itself to pay by a day: the desk accepts the day, the office works with
temporary resources, pays, and gets its contract then."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from deploy.local.demo.desk import DeskClerk
from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.page_renewer import PageRenewer
from deploy.local.demo.texts import both, one_line, seen
from deploy.local.demo.walks.paid_walk import PaidWalk, granted_text
from deploy.local.demo.walks.walk import Step
from deploy.local.host.conditions import require, until
from services.renewal.pages.site import CATALOGUE as RENEWAL


@dataclass(kw_only=True)
class CommittedWalk(PaidWalk):
    """The product's contracts are prepared by the desk. `screen` is the renewer at a computer."""

    told_once: ClassVar[tuple[str, ...]] = ("registered", "commitment_accepted", "contract")
    screen: PageRenewer

    def _sequence(self) -> tuple[Step, ...]:
        return (
            self._locked,
            self._register,
            self._sign,
            self._commit,
            self._pay,
            self._issue,
            self._renewed,
            self._grant,
            self._invoice,
            self._file,
        )

    def _commit(self, step: int) -> EvidenceLine:
        """The accepted day gives access until then and some days more, and what is ordered. The office's page
        counts the days that are left."""
        DeskClerk(self.scene.caller).accept_commitment(self._registration)
        accepted, opened = (
            self._event("renewal.commitment_accepted"),
            self._event("subscription.access_restored"),
        )
        mailed, subject = self._mailed("commitment_accepted")
        asked, granted = self._granted(self.scene, "temporary", "commitment")
        until(lambda: self._is_open(accepted.body["access_until"]), *both("check.open_for_while"))
        checks = (
            seen("mail", subject),
            granted_text(asked, granted),
            f"{one_line('seen.temporary_until')} {accepted.body['access_until']}",
            seen("page", self._days_left(accepted.body)),
        )
        events = (accepted, opened, asked, granted, mailed)
        return EvidenceLine(step, both("step.committed"), events, checks)

    def _days_left(self, accepted: dict[str, Any]) -> str:
        """What the registration's page says of the days until the last day to pay."""
        days = (date.fromisoformat(accepted["pay_by"]) - self.scene.clock.today()).days
        said = RENEWAL.both("commitment.office_left", n=days).vi
        shown = self.screen.look_at(self._registration, "tai-nguyen-tam")
        require(said in shown, *both("check.days_left_shown", days=days))
        return said

    def _is_open(self, until: str) -> bool:
        gate = self.scene.gate()
        return "write" in gate["access"] and gate["temporary_until"] == until

    def _issue(self, step: int) -> EvidenceLine:
        DeskClerk(self.scene.caller).accept(self._registration)
        return super()._issue(step)
