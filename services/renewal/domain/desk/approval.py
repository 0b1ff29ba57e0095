"""Whether the vendor takes a registration on: by rule where it can, by a clerk where it can't."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.renewal.domain import flow
from services.renewal.domain.desk.good_standing import Facts, missing
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import AWAITED, DeskReason, Judged, Renewal, about
from shared.events.renewal import RenewalAccepted, RenewalRefused
from shared.storage.aggregate import Decision


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What the rule judges by, beside the registration: the licence's last day as it stands now, how
    the office's good standing measures, and whether the vendor's certificate may seal."""

    expires_on: date
    facts: Facts
    seal_ready: bool = True


def decide(renewal: Renewal, judged: Judged, known: ApprovalFacts, now: datetime) -> Decision[Renewal]:
    """The form is here, `judged` says how it was found: the rule accepts, or leaves it to the desk and says
    why. One whose term the office must agree to first waits for that.

    A form whose basis has moved is never turned into a contract in silence.
    """
    renewal = renewal.with_(judged=judged)
    if not renewal.counts(judged.revision):
        waits = renewal.now(AWAITED[renewal.registration.send_by], now, needs_desk=None, desk_note=None)
        return Decision(waits)
    registration, found, doubt = renewal.registration, judged.found, judged.doubt
    if renewal.void_contracts:  # a person decides anew
        doubt = DeskReason.CONTRACT_VOIDED
    lacking = missing(registration.good_standing, known.facts)
    if reason := _why_desk(registration, known, doubt, lacking):
        why = "; ".join((found, *lacking))
        return Decision(
            renewal.now(RegistrationStatus.AWAITING_CONFIRMATION, now, needs_desk=reason, desk_note=why)
        )
    held = (str(condition) for condition in registration.good_standing)
    return _accepted(renewal, "rule", "; ".join((found, "contract.prepare automatic", *held)), now)


def accept(renewal: Renewal, clerk: str, reason: str, expires_on: date, now: datetime) -> Decision[Renewal]:
    """A desk clerk, known by the subject of its token, accepts.

    Raises Refused where nothing waits for it, or where the form's term is no longer true.
    """
    flow.check(renewal.status, FlowStep.ACCEPT, "not-awaiting-confirmation")
    if renewal.registration.term.basis_expires_on != expires_on:
        raise RenewalError("form-untrue")
    return _accepted(renewal.with_(accepted_by=clerk), "desk", reason, now)


def refuse(renewal: Renewal, reason: str, now: datetime) -> Decision[Renewal]:
    """The desk closes it, and the office is told why. Raises Refused once it is accepted."""
    flow.check(renewal.status, FlowStep.REFUSE)
    event = RenewalRefused(**about(renewal.registration, now), reason=reason)
    return Decision(
        renewal.now(RegistrationStatus.REFUSED, now, needs_desk=None, desk_note=None, refused=reason),
        (event,),
    )


def _why_desk(
    registration: Registration, known: ApprovalFacts, doubt: DeskReason | None, lacking: tuple[str, ...]
) -> DeskReason | None:
    if registration.term.basis_expires_on != known.expires_on:
        return DeskReason.EXPIRY_MOVED
    if doubt:
        return doubt
    if registration.prepare is ContractPreparation.DESK:
        return DeskReason.PRODUCT_SETTING
    if lacking:
        return DeskReason.NOT_IN_GOOD_STANDING
    return None if known.seal_ready else DeskReason.SEAL_NOT_READY


def _accepted(
    renewal: Renewal, decided_by: Literal["rule", "desk"], reason: str, now: datetime
) -> Decision[Renewal]:
    event = RenewalAccepted(**about(renewal.registration, now), decided_by=decided_by, reason=reason)
    after = renewal.now(
        RegistrationStatus.ACCEPTED, now, needs_desk=None, desk_note=None, accepted_because=reason
    )
    return Decision(after, (event,))
