"""A walk that tolerates what SMTP cannot promise: after DATA nobody knows whether the letter arrived.

If the notifier dies there, it sends an insistent notice again under the same Message-ID, and gives up a mere
reminder. Everything else must be as in any walk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.local.demo.desk import DeskClerk
from deploy.local.demo.evidence import EvidenceLine
from deploy.local.demo.scene import Scene
from deploy.local.demo.texts import both
from deploy.local.demo.walks.joint_walk import JointWalk
from deploy.local.demo.walks.paid_walk import PaidWalk
from deploy.local.demo.walks.paper_walk import PaperWalk
from deploy.local.demo.walks.walk import Step, Walk
from deploy.local.demo.witness import WitnessedEvent
from deploy.local.host.conditions import require, until
from services.notifier.domain.reason import INSISTENT


@dataclass(frozen=True, slots=True)
class CrashScene(Scene):
    """`unknowns` gives, for a notice, the number of attempts that ended without an answer."""

    unknowns: Callable[[str], int]

    @classmethod
    def of(cls, scene: Scene, unknowns: Callable[[str], int]) -> "CrashScene":
        return cls(
            scene.office, scene.renewer, scene.caller, scene.clock, scene.drain, scene.witness, scene.out,
            unknowns,
        )  # fmt: skip

    def letter(self, notice: WitnessedEvent) -> dict[str, Any]:
        """The letter of a delivered notice. One more copy is allowed for each attempt without an answer."""
        found = self.copies(notice.body["message_id"])
        most = 1 + self.unknowns(notice.body["notice_id"])
        require(
            1 <= len(found) <= most,
            f"1 đến {most} thư, có {len(found)}",
            f"1 to {most} letters, there are {len(found)}",
        )
        return found[0]

    def copies(self, message_id: str) -> list[dict[str, Any]]:
        letters = self.caller.get("pages", "/v1/mail", to=self.office.contact_email)
        return [letter for letter in letters if letter["message_id"] == message_id]


class _TolerantWalk(Walk):
    def _mailed(self, reason: str) -> tuple[WitnessedEvent, str]:
        if reason in INSISTENT:
            return super()._mailed(reason)
        notice = until(
            lambda: self._told(reason), f"kết quả của thư {reason}", f"what became of notice {reason}"
        )
        delivered = notice.type == "notifier.delivered"
        return notice, str(self.scene.letter(notice)["subject"]) if delivered else "không rõ / unknown"

    def _told(self, reason: str) -> WitnessedEvent | None:
        """The event of the notice: delivered, or given up because its result is unknown."""
        witness = self.scene.witness
        witness.look()
        about: Callable[[dict[str, Any]], bool] = lambda body: body["reason"] == reason  # noqa: E731
        unknown: Callable[[dict[str, Any]], bool] = lambda body: about(body) and body["outcome"] == "unknown"  # noqa: E731
        return witness.find("notifier.delivered", about) or witness.find("notifier.failed", unknown)


class CrashWalk(_TolerantWalk, PaidWalk):
    """An electronic renewal, its invoice and its payment by a bank statement."""

    told_once = (*Walk.told_once, "payment_received")


class CrashPaperWalk(_TolerantWalk, PaperWalk):
    """A renewal on paper."""


class CrashJointWalk(_TolerantWalk, JointWalk):
    """Two products on one form, paid in two parts of which the first is allocated. The other product's office
    is told of its contract."""

    other_told_once = ("contract",)


class CrashTransferWalk(_TolerantWalk):
    """A locked office's renewal, with the form fetched, signed and returned by another program. Its stamp
    names nobody, so the desk looks at it."""

    told_once = ("registered", "contract")

    def _sequence(self) -> tuple[Step, ...]:
        return (self._register, self._sign, self._accept, self._issue, self._restore)

    def _accept(self, step: int) -> EvidenceLine:
        DeskClerk(self.scene.caller).accept(self._registration)
        return EvidenceLine(step, both("step.accepted"), (self._event("renewal.accepted"),), ())
