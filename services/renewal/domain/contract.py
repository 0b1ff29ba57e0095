"""The steps from the signed form to the contract in force."""

from datetime import date, datetime
from typing import Literal

from services.renewal.domain.catalogue import Preparation
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbering import ContractNumber
from services.renewal.domain.refusal import Refused
from services.renewal.domain.renewal import DeskReason, Renewal, Status, about
from services.renewal.domain.term import on_contract_date
from shared.aggregate import Decision
from shared.events.base import DocumentRef
from shared.events.renewal import ContractPrepared, RenewalAccepted
from shared.events.signing import ContractIssued, FormSigned


def form_signed(
    renewal: Renewal, signed: FormSigned, licence: LicenceCopy, now: datetime
) -> Decision[Renewal]:
    """The office's signed form came back; `licence` is as it stands now.

    A form whose basis has moved is never turned into a contract in silence: it waits for the desk. One that
    was signed before the office changed to paper is signed.
    """
    if renewal.status not in (Status.AWAITING_SIGNATURE, Status.AWAITING_PAPER):
        return Decision(renewal)
    if signed.form_revision != renewal.form_revision:
        return Decision(renewal.with_(needs_desk=DeskReason.OTHER_REVISION_SIGNED))
    filed = renewal.filed("signed_form", signed.signed_form, now)
    filed = filed.with_(form_signed_at=signed.signed_at)
    if reason := _why_desk(renewal, signed, licence):
        return Decision(filed.with_(status=Status.AWAITING_CONFIRMATION, needs_desk=reason))
    return _accepted(filed, "rule", f"signed; certificate matched by {signed.certificate.match}", now)


def accept(renewal: Renewal, clerk: str, reason: str, expires_on: date, now: datetime) -> Decision[Renewal]:
    """A desk clerk, known by the subject of its token, accepts.

    Raises Refused where nothing waits for it, or where the form's term is no longer true.
    """
    if renewal.status is not Status.AWAITING_CONFIRMATION:
        raise Refused("not-awaiting-confirmation")
    if renewal.registration.term.basis_expires_on != expires_on:
        raise Refused("form-untrue")
    return _accepted(renewal.with_(accepted_by=clerk), "desk", reason, now)


def prepare_contract(
    renewal: Renewal, number: ContractNumber, dated: date, contract: DocumentRef, now: datetime
) -> Decision[Renewal]:
    """The contract has its number and is rendered, ready for the vendor's seal."""
    if (signed_form := renewal.newest("signed_form")) is None:
        raise ValueError("a contract is prepared on a signed form only")
    order = renewal.registration.order
    event = ContractPrepared(
        **about(renewal.registration, now) | {"effective_on": dated},
        contract_number=str(number),
        contract_date=dated,
        term=on_contract_date(renewal.registration.term, dated, renewal.registration.term_rule),
        package=order.package,
        users=order.users,
        total_vnd=order.total,
        signed_form=signed_form,
        contract=contract,
    )
    filed = renewal.filed("contract", contract, now)
    return Decision(filed.with_(contract_number=number, contract_date=dated), (event,))


def contract_issued(renewal: Renewal, issued: ContractIssued, now: datetime) -> Decision[Renewal]:
    """The vendor sealed the contract. Raises ValueError where it isn't the one that was prepared."""
    if renewal.status is Status.CONTRACT_ISSUED:
        return Decision(renewal)
    if issued.contract_number != str(renewal.contract_number):
        raise ValueError("the sealed contract is not the one prepared")
    filed = renewal.filed("sealed_contract", issued.contract, now)
    return Decision(filed.with_(status=Status.CONTRACT_ISSUED))


def _why_desk(renewal: Renewal, signed: FormSigned, licence: LicenceCopy) -> DeskReason | None:
    if renewal.registration.term.basis_expires_on != licence.expires_on:
        return DeskReason.EXPIRY_MOVED
    if not _signed_by_the_office(renewal, signed, licence):
        return DeskReason.CERTIFICATE_REVIEW
    if renewal.registration.prepare is Preparation.DESK:
        return DeskReason.PRODUCT_SETTING
    return None


def _signed_by_the_office(renewal: Renewal, signed: FormSigned, licence: LicenceCopy) -> bool:
    """The certificate matched what the form declares. That proves the office only if the licence holds the
    same code: whoever declares another's code can sign with the other's certificate.
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
    return declared is not None and known is not None and declared.replace("-", "") == known.replace("-", "")


def _accepted(
    renewal: Renewal, decided_by: Literal["rule", "desk"], reason: str, now: datetime
) -> Decision[Renewal]:
    common = about(renewal.registration, now)
    event = RenewalAccepted(**common, decided_by=decided_by, reason=reason)
    return Decision(renewal.with_(status=Status.ACCEPTED, needs_desk=None), (event,))
