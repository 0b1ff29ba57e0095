"""The office's signature on its contract, before the vendor's: electronic, on paper, or missing in time.

It applies only to registrations with `assent_days`. Until then, access depends on the signed form.
"""

from datetime import datetime
from typing import Any

from services.renewal.domain import flow
from services.renewal.domain.contract.contract import void_contract
from services.renewal.domain.contract.texts import TEXTS
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.joint import closure
from services.renewal.domain.paper.paper_return import PaperReturn
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import PostedForm, Renewal, event_fields
from services.renewal.domain.wait import wait_until
from services.renewal.domain.working_days import working_day_after
from shared.events.assent import ContractAssented, ContractPaperReceived, ContractPaperReturned
from shared.events.base import DocumentRef
from shared.events.paper_form import ReturnReason
from shared.events.signing import ContractSigned
from shared.storage.aggregate import Decision
from shared.time.calendar import civil_date

RULE = "rule"


def record_signature(renewal: Renewal, signed: ContractSigned, now: datetime) -> Decision[Renewal]:
    """The office signed the contract electronically: the vendor seals that file.

    A signature still counts while the contract is lapsing, until signing has released it. It doesn't count
    while a clerk is voiding the contract.
    """
    ours = signed.contract_number == str(renewal.contract_number)
    voided = renewal.voiding is not None and not renewal.voiding.lapsed
    if not ours or voided or not flow.may(renewal.status, FlowStep.SIGN_CONTRACT):
        return Decision(renewal)
    filed = renewal.with_document("signed_contract", signed.signed_contract, now, renewal.nth_contract)
    return _record_assent(filed, signed.signed_contract, None, now)


def receive(renewal: Renewal, paper: PostedForm, now: datetime) -> Decision[Renewal]:
    """The contract came by post. The caller has already checked that it may be received."""
    if paper == renewal.posted_contract:
        return Decision(renewal)
    filed = renewal.with_document("contract_scan", paper.scan, now, paper.revision)
    here = filed.with_status(
        RegistrationStatus.ASSENT_RECEIVED, now, posted_contract=paper, contract_returned=None
    )
    event = ContractPaperReceived(
        **_event_fields(renewal, now),
        received_on=paper.received_on,
        postmarked_on=paper.postmarked_on,
        scan=paper.scan,
        wait_until=wait_until(here),
    )
    return Decision(here, (event,))


def send_back(renewal: Renewal, reason: ReturnReason, note: str, now: datetime) -> Decision[Renewal]:
    """The paper contract is sent back, and the office's time to sign starts again."""
    _check_not_voided(renewal)
    days = renewal.registration.assent_days
    assert days is not None  # it waited for the office
    sign_by = working_day_after(civil_date(now, renewal.registration.zone), days)
    event = ContractPaperReturned(**_event_fields(renewal, now), reason=reason, note=note, sign_by=sign_by)
    why = PaperReturn(reason=reason, note=note, returned_at=now)
    waits = {"sign_by": sign_by, "contract_returned": why, "posted_contract": None}
    return Decision(renewal.with_status(RegistrationStatus.AWAITING_ASSENT, now, **waits), (event,))


def accept(renewal: Renewal, now: datetime) -> Decision[Renewal]:
    """The desk found the paper contract signed, stamped and unaltered: the vendor seals the prepared PDF."""
    _check_not_voided(renewal)
    paper, contract = renewal.posted_contract, renewal.newest_document("contract")
    assert paper is not None  # received
    assert contract is not None
    return _record_assent(renewal, contract, paper.scan, now)


def lapse(renewal: Renewal, now: datetime) -> Decision[Renewal] | None:
    """Voids the contract where the office's last day to sign has passed. The office gets a notice only when
    signing has released the contract, because a signature made before that still counts. None: nothing has
    lapsed."""
    if not flow.may(renewal.status, FlowStep.LAPSE) or renewal.sign_by is None or renewal.voiding:
        return None
    if civil_date(now, renewal.registration.zone) <= renewal.sign_by:
        return None
    if closure.refusal_of(renewal, FlowStep.LAPSE):
        return None
    return void_contract(
        renewal, RULE, TEXTS.both("contract.lapsed", day=renewal.sign_by).line, now, lapsed=True
    )


def _check_not_voided(renewal: Renewal) -> None:
    if renewal.voiding:
        raise RenewalError("no-paper-to-judge", standing=renewal.status.value)


def _record_assent(
    renewal: Renewal, contract: DocumentRef, scan: DocumentRef | None, now: datetime
) -> Decision[Renewal]:
    cleared = {"sign_by": None, "voiding": None, "contract_returned": None}
    cleared |= {"needs_desk": None, "desk_note": None}
    after = renewal.with_status(RegistrationStatus.ACCEPTED, now, **cleared)
    fields = {"contract": contract, "scan": scan, "wait_until": wait_until(after)}
    return Decision(after, (ContractAssented(**_event_fields(renewal, now), **fields),))


def _event_fields(renewal: Renewal, now: datetime) -> dict[str, Any]:
    number = str(renewal.contract_number)
    return {**event_fields(renewal.registration, now), "contract_number": number}
