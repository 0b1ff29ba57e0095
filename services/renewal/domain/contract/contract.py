"""The steps from the signed form to the contract in force, including a contract that is voided."""

from datetime import date, datetime

from services.renewal.domain import flow
from services.renewal.domain.contract.voided import VoidedContract
from services.renewal.domain.desk.approval import ApprovalFacts, decide_on_form
from services.renewal.domain.flow import FlowStep, RegistrationStatus
from services.renewal.domain.joint import closure
from services.renewal.domain.joint.events import of_product
from services.renewal.domain.joint.members import to_cover
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.payment.commitment_steps import paid_use_until, with_day_agreed
from services.renewal.domain.registration.registration import Registration, changed_identity
from services.renewal.domain.registration.term import on_contract_date
from services.renewal.domain.renewal import DeskReason, FormCheck, Renewal, event_fields
from services.renewal.domain.working_days import working_day_after
from shared.events.assent import ContractLapsed
from shared.events.base import DocumentRef, Event, SendBy
from shared.events.order import FullGrant
from shared.events.renewal import ContractPrepared, ContractVoided, CoveredProduct, SendingChanged
from shared.events.signing import ContractIssued, FormSigned, SealFailed
from shared.storage.aggregate import Decision
from shared.text.characters import digits
from shared.time.calendar import civil_date


def record_signed_form(
    renewal: Renewal, signed: FormSigned, licence: LicenceCopy, facts: ApprovalFacts, now: datetime
) -> Decision[Renewal]:
    """The office signed the form electronically. `licence` is the current copy.

    A form signed before the office changed to paper still counts: it changes the way of sending back to
    electronic.
    """
    if not flow.may(renewal.status, FlowStep.SIGN):
        return Decision(renewal)
    if not renewal.has_revision(signed.form_revision):
        return Decision(renewal.with_changes(needs_desk=DeskReason.OTHER_REVISION_SIGNED))
    sent, changes = _switch_to_electronic(renewal, now)
    filed = sent.with_document("signed_form", signed.signed_form, now, signed.form_revision)
    filed = filed.with_changes(form_signed_at=signed.signed_at)
    theirs = _signed_by_the_office(renewal, signed, licence)
    changed = changed_identity(renewal.registration, licence)
    matched = f"signed; certificate matched by {signed.certificate.match}"
    found = "; ".join((matched, *signed.looks, *(f"another {field}" for field in changed)))
    doubt = None
    if not theirs or signed.looks:
        doubt = DeskReason.CERTIFICATE_REVIEW
    elif changed:
        doubt = DeskReason.NOT_IN_GOOD_STANDING
    check = FormCheck(revision=signed.form_revision, send_by=SendBy.ELECTRONIC, found=found, doubt=doubt)
    after = decide_on_form(filed, check, facts, now)
    return Decision(after.state, (*changes, *after.events))


def _switch_to_electronic(renewal: Renewal, now: datetime) -> tuple[Renewal, tuple[Event, ...]]:
    registration = renewal.registration
    if (old := registration.send_by) is SendBy.ELECTRONIC:
        return renewal, ()
    event = SendingChanged(**event_fields(registration, now), old_send_by=old, send_by=SendBy.ELECTRONIC)
    changed = registration.model_copy(update={"send_by": SendBy.ELECTRONIC})
    return renewal.with_changes(registration=changed), (event,)


def prepare_contract(
    renewal: Renewal, number: ContractNumber, dated: date, contract: DocumentRef, now: datetime
) -> Decision[Renewal]:
    """The contract has its number and its PDF. It is ready for the vendor's seal, or first for the office's
    signature (`assent_days`)."""
    if (basis := renewal.basis_form) is None:
        raise ValueError("a contract is prepared on a signed form only")
    days, today = renewal.registration.assent_days, civil_date(now, renewal.registration.zone)
    sign_by = working_day_after(today, days) if days else None
    covered = to_cover(renewal)
    event = ContractPrepared(
        **event_fields(renewal.registration, now) | {"effective_on": dated},
        contract_number=str(number),
        contract_date=dated,
        term=on_contract_date(renewal.registration.term, dated, renewal.registration.term_rule),
        **renewal.registration.order.event_fields,
        signed_form=basis.document,
        contract=contract,
        conditions=renewal.registration.conditions,
        sign_by=sign_by,
        full_grant=renewal.registration.full_grant,
        pay_by=paid_use_until(renewal, dated),
        covers=tuple(_covered(each, dated) for each in covered),
    )
    filed = renewal.with_document("contract", contract, now).with_changes(
        contract_number=number,
        contract_date=dated,
        contract_covers=tuple(each.renewal_id for each in covered),
    )
    return Decision(
        filed.with_status(RegistrationStatus.AWAITING_ASSENT, now, sign_by=sign_by) if sign_by else filed,
        (event,),
    )


def _covered(joined: Registration, dated: date) -> CoveredProduct:
    return CoveredProduct(
        renewal_id=joined.renewal_id,
        registration_no=joined.number,
        subscription_id=joined.subscription_id,
        product_code=joined.product_code,
        term=on_contract_date(joined.term, dated, joined.term_rule),
        package_name=joined.order.package_name,
        **joined.order.event_fields,
    )


def record_issued_contract(renewal: Renewal, issued: ContractIssued, now: datetime) -> Decision[Renewal]:
    """The vendor sealed the contract. One that gives full use at the payment accepts the commitment to pay:
    it says itself until when it gives temporary use. Raises ValueError where it isn't the prepared
    contract."""
    if renewal.status is RegistrationStatus.CONTRACT_ISSUED:
        return Decision(renewal)
    if issued.contract_number != str(renewal.contract_number):
        raise ValueError("the sealed contract is not the one prepared")
    filed = renewal.with_document("sealed_contract", issued.contract, now)
    cleared = {"needs_desk": None, "desk_note": None, "voiding": None}
    in_force = Decision(filed.with_status(RegistrationStatus.CONTRACT_ISSUED, now, **cleared))
    if renewal.registration.full_grant is FullGrant.AT_CONTRACT:
        return in_force
    return with_day_agreed(in_force, now)


def void_contract(
    renewal: Renewal, by: str, reason: str, now: datetime, *, lapsed: bool = False
) -> Decision[Renewal]:
    """Starts voiding the unsealed contract, by the desk or because it `lapsed`. It is void only after signing
    has released it (`record_failed_seal`), so no contract is both void and in force. One over several
    products is void for all of them. Raises RenewalError."""
    flow.check(renewal.status, FlowStep.VOID_CONTRACT, "no-contract-to-void")
    closure.check(renewal, FlowStep.VOID_CONTRACT)
    if renewal.voiding or renewal.contract_number is None or renewal.contract_date is None:
        return Decision(renewal)
    number, dated = renewal.contract_number, renewal.contract_date
    fields = {"contract_number": str(number), "reason": reason, "lapsed": lapsed}
    event = ContractVoided(**event_fields(renewal.registration, now), **fields)
    voiding = VoidedContract(number=number, dated=dated, reason=reason, by=by, at=now, lapsed=lapsed)
    covered = [each for each in renewal.registration.joined if each.renewal_id in renewal.contract_covers]
    told = (event, *(of_product(event, each) for each in covered))
    return Decision(renewal.with_changes(voiding=voiding), told)


def record_failed_seal(
    renewal: Renewal, failed: SealFailed, now: datetime, lead: Renewal | None = None
) -> Decision[Renewal] | None:
    """Signing reports why the contract has no seal. The desk must look at it; for a voided contract, it must
    decide again. `lead`: the renewal whose contract is over this one too, and who voided it. None where the
    number never belonged to this renewal."""
    known = {str(void.number) for void in renewal.void_contracts}
    if failed.contract_number not in {*known, str(renewal.contract_number)}:
        return None
    if not flow.may(renewal.status, FlowStep.LET_GO) or failed.contract_number in known:
        return Decision(renewal)
    void = _voided(renewal, lead)
    if failed.reason != SealFailed.VOIDED or void is None:
        return Decision(renewal.with_changes(needs_desk=DeskReason.SEAL_FAILED, desk_note=failed.reason))
    after = renewal.with_status(
        RegistrationStatus.AWAITING_CONFIRMATION,
        now,
        needs_desk=DeskReason.CONTRACT_VOIDED,
        desk_note=f"{void.number}: {void.reason}",
        contract_number=None,
        contract_date=None,
        voiding=None,
        void_contracts=(*renewal.void_contracts, void),
        sign_by=None,
        posted_contract=None,
        contract_returned=None,
        contract_covers=(),
        contract_of=None,
    )
    return Decision(after, _lapse_events(renewal, void, now))


def _voided(renewal: Renewal, lead: Renewal | None) -> VoidedContract | None:
    """Its contract, where it is voided: by itself, or by the lead, which may have been released first."""
    if lead is None or renewal.contract_of != lead.registration.renewal_id:
        return renewal.voiding
    voided = (*lead.void_contracts, *([lead.voiding] if lead.voiding else []))
    return next((void for void in voided if void.number == renewal.contract_number), None)


def _lapse_events(renewal: Renewal, void: VoidedContract, now: datetime) -> tuple[Event, ...]:
    """The event for a contract that the office didn't sign in time."""
    if not void.lapsed or renewal.sign_by is None:
        return ()
    fields = {"contract_number": str(void.number), "sign_by": renewal.sign_by}
    return (ContractLapsed(**event_fields(renewal.registration, now), **fields),)


def _signed_by_the_office(renewal: Renewal, signed: FormSigned, licence: LicenceCopy) -> bool:
    """Whether the certificate proves that the office signed.

    The certificate matches a code that the form declares. That is proof only if the licence has the same
    code: anybody could declare another organisation's code and sign with that organisation's certificate.
    """
    office = renewal.registration.office
    match signed.certificate.match:
        case "tax_code":
            return _same(office.tax_code, licence.tax_code)
        case "budget_code":
            return _same(office.budget_code, licence.budget_code)
        case _:
            return False


def _same(declared: str | None, known: str | None) -> bool:
    return declared is not None and known is not None and digits(declared) == digits(known)
