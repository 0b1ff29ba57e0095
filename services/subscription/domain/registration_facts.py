"""Facts about a registration, until its contract is in force."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from services.subscription.domain.facts import ContractTerms, Fact
from shared.events.base import SendBy
from shared.events.order import FullGrant
from shared.events.renewal import Conditions, Party, Term
from shared.situation import Turn, turn_of


class OrderedLicence(Fact):
    """What a registration orders. Its contract must grant the same."""

    package: str
    users: int
    storage_gb: int | None = None
    total_vnd: int
    conditions: Conditions | None = None
    full_grant: FullGrant = FullGrant.AT_CONTRACT


class RegistrationFacts(Fact):
    """What this service knows about a registration.

    - `send_by`: the way of sending, by the event of the instant `told_at`. None while only its signature or
      its end is known.
    - `replaced_by`: the registration that took the place of this closed one.
    - `copy_at`: the newest copy of its stamped form was uploaded then. `copy_refused_at`: the copies uploaded
      up to then don't show a stamped form.
    - `term`: the term of the form's `revision`. `office`: what the office declared about itself. `term`,
      `ordered` and `office` are None in documents of earlier releases.
    - `signed_revision`, `paper_revision`: the revisions of the form that are signed, or have arrived on
      paper.
    - `unconfirmed`: the revisions whose term was corrected to end earlier and that the office must confirm.
    - `accepted`: by the latest event, of `accepted_at`. A contract that the desk voids takes it back.
    - `sign_by`: the last day on which the office may sign its contract, while the contract waits for it.
    - `committed_until`, `paid_until`: the last day of access that an accepted commitment to pay, or a payment
      in full, gives while the contract is awaited.
    - `committed_at`: when the commitment was accepted or extended last, `committed_by`: by the rule or the
      desk. `broken_at`: when it was broken last.
    - `pay_by`: the last day to pay that the latest accepted or extended commitment names.
    - `contract`: its contract in force, whose term counts only once all is paid.
    - `contract_void`: its contract was in force, and is void.
    - `commitment_sequence`, `broken_sequence`, `payment_sequence`: the place of the last such event among
      those of its aggregate; 0: there was none. The receivable is another aggregate than the renewal.
    """

    send_by: SendBy | None = None
    told_at: AwareDatetime | None = None
    signed: bool = False
    closed: bool = False
    replaced_by: UUID | None = None
    copy_at: AwareDatetime | None = None
    copy_refused_at: AwareDatetime | None = None
    revision: int = 0
    term: Term | None = None
    ordered: OrderedLicence | None = None
    office: Party | None = None
    signed_revision: int | None = None
    paper_revision: int | None = None
    paper_at: AwareDatetime | None = None
    unconfirmed: tuple[int, ...] = ()
    accepted: bool = False
    accepted_at: AwareDatetime | None = None
    sign_by: date | None = None
    committed_until: date | None = None
    committed_at: AwareDatetime | None = None
    committed_by: Literal["rule", "desk"] = "rule"
    commitment_sequence: int = 0
    broken_at: AwareDatetime | None = None
    broken_sequence: int = 0
    paid_until: date | None = None
    payment_sequence: int = 0
    contract_void: bool = False
    pay_by: date | None = None
    contract: ContractTerms | None = None

    @property
    def is_known(self) -> bool:
        """Whether an event of the renewal service was read. Events of other services alone give nothing."""
        return self.told_at is not None

    @property
    def is_open(self) -> bool:
        """Whether service doesn't end meanwhile: its form is on the way, signed, all is paid, or its contract
        waits for the payment."""
        begun = self.signed or self.send_by is SendBy.PAPER or self.paid_until is not None or self.is_unpaid
        return self.is_known and not self.closed and begun

    @property
    def is_unpaid(self) -> bool:
        """Whether its contract is in force, and full use waits for the payment."""
        return self.contract is not None and not self.closed

    @property
    def due_on(self) -> date | None:
        """The last day to pay for its contract in force. None: no day is agreed, or it was not kept."""
        is_kept = self.broken_sequence <= self.commitment_sequence
        return self.pay_by if self.is_unpaid and is_kept else None

    @property
    def is_copy_shown(self) -> bool:
        """Whether a copy of the stamped form was shown that the desk hasn't refused."""
        refused_at = self.copy_refused_at
        return self.copy_at is not None and (refused_at is None or self.copy_at > refused_at)

    @property
    def turn(self) -> Turn | None:
        """Who must act next. None if it is closed, or while too little is known of it."""
        if self.closed or self.send_by is None:
            return None
        return turn_of(
            self.send_by,
            accepted=self.accepted,
            signed=(self.signed_revision or 1) if self.signed else None,
            paper=self.paper_revision,
            unconfirmed=self.unconfirmed,
            assents=self.sign_by is not None,
            pays=self.is_unpaid,
        )
