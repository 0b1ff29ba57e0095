"""A summary of a subscription for its office: its situation, and the dates that matter."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.registration.draft import Draft
from services.renewal.domain.renewal import Renewal
from shared.situation import Contract, Situation, SituationKind, Turn, situation


class Tone(StrEnum):
    GOOD = "is-good"
    WARN = "is-warn"
    BAD = "is-bad"


_GOOD = (SituationKind.ACTIVE, SituationKind.HELD, SituationKind.AT_THE_DESK, SituationKind.RENEWED)


TONES = {
    RegistrationStatus.CONTRACT_ISSUED: Tone.GOOD,
    RegistrationStatus.ACCEPTED: Tone.GOOD,
    RegistrationStatus.PAPER_RETURNED: Tone.BAD,
    RegistrationStatus.REFUSED: Tone.BAD,
    RegistrationStatus.CANCELLED: Tone.BAD,
}
"""The tone of a registration's status. A status that isn't listed is a warning."""


@dataclass(frozen=True, slots=True)
class SubscriptionSummary:
    """A subscription as its office sees it. `standing`: the open registration, or the one whose contract
    renewed this term. `draft`: what was typed and isn't registered. `today` is a date in the office's
    zone."""

    licence: LicenceCopy
    product_name: str
    today: date
    standing: Renewal | None
    draft: Draft | None = None

    @property
    def situation(self) -> Situation:
        open = self.standing if self.standing and self.standing.status in OPEN else None
        turn, sign_by = (open.turn, open.sign_by) if open else (None, None)
        if self.unpaid:
            turn = Turn.PAY
        return situation(self.licence.facts(turn, self._contract, sign_by), self.today)

    @property
    def kind(self) -> SituationKind:
        return self.situation.kind

    @property
    def tone(self) -> Tone:
        if self.kind in _GOOD:
            return Tone.GOOD
        return Tone.BAD if self.is_closed else Tone.WARN

    @property
    def is_closed(self) -> bool:
        return self.situation.is_closed

    @property
    def asks_to_register(self) -> bool:
        return self.situation.asks_to_register

    @property
    def open(self) -> Renewal | None:
        """The registration in progress. While there is one, the office isn't asked to register again."""
        return self.standing if self.standing and self.situation.registered else None

    @property
    def unpaid(self) -> Renewal | None:
        """The renewal whose contract is in force and gives full use only once it is paid."""
        made = self.standing and self.standing.registration
        return self.standing if made and made.renewal_id in self.licence.unpaid else None

    @property
    def in_force(self) -> Renewal | None:
        """The renewal whose contract is issued, in the situations AT_THE_DESK and RENEWED."""
        return self.standing if self.kind in (SituationKind.AT_THE_DESK, SituationKind.RENEWED) else None

    @property
    def temporary_until(self) -> date | None:
        return self.situation.temporary_until or self.licence.temporary_on(self.today)

    @property
    def last_day(self) -> date:
        return self.licence.expires_on

    @property
    def _contract(self) -> Contract | None:
        if self.licence.disputed:
            return Contract.DISPUTED
        issued = self.standing is not None and self.standing.status is RegistrationStatus.CONTRACT_ISSUED
        return Contract.PENDING if issued and not self.unpaid else None


def shell(summary: SubscriptionSummary) -> dict[str, str]:
    """The office's reference and name, for the head of its pages."""
    return {"ref": summary.licence.office_ref, "name": summary.licence.name}
