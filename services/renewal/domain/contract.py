"""The steps from the signed form to the contract in force."""

from datetime import date, datetime

from services.renewal.domain import flow
from services.renewal.domain.deciding import Known, decided
from services.renewal.domain.flow import Status, Step
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbering import ContractNumber
from services.renewal.domain.registration import changed_identity
from services.renewal.domain.renewal import DeskReason, Renewal, about
from services.renewal.domain.term import on_contract_date
from shared.aggregate import Decision
from shared.events.base import DocumentRef
from shared.events.renewal import ContractPrepared
from shared.events.signing import ContractIssued, FormSigned
from shared.text.characters import digits


def form_signed(
    renewal: Renewal, signed: FormSigned, licence: LicenceCopy, known: Known, now: datetime
) -> Decision[Renewal]:
    """The office's signed form came back; `licence` is as it stands now.

    One that was signed before the office changed to paper is signed.
    """
    if not flow.may(renewal.status, Step.SIGN):
        return Decision(renewal)
    if signed.form_revision != renewal.form_revision:
        return Decision(renewal.with_(needs_desk=DeskReason.OTHER_REVISION_SIGNED))
    filed = renewal.filed("signed_form", signed.signed_form, now)
    filed = filed.with_(form_signed_at=signed.signed_at)
    theirs = _signed_by_the_office(renewal, signed, licence)
    found = f"signed; certificate matched by {signed.certificate.match}"
    if not theirs:
        return decided(filed, known, found, now, DeskReason.CERTIFICATE_REVIEW)
    changed = changed_identity(renewal.registration, licence)
    doubt = DeskReason.NOT_IN_GOOD_STANDING if changed else None
    return decided(filed, known, "; ".join((found, *(f"another {field}" for field in changed))), now, doubt)


def prepare_contract(
    renewal: Renewal, number: ContractNumber, dated: date, contract: DocumentRef, now: datetime
) -> Decision[Renewal]:
    """The contract has its number and is rendered, ready for the vendor's seal."""
    if (signed_form := renewal.newest("signed_form")) is None:
        raise ValueError("a contract is prepared on a signed form only")
    event = ContractPrepared(
        **about(renewal.registration, now) | {"effective_on": dated},
        contract_number=str(number),
        contract_date=dated,
        term=on_contract_date(renewal.registration.term, dated, renewal.registration.term_rule),
        **renewal.registration.order.paid_for,
        signed_form=signed_form,
        contract=contract,
        conditions=renewal.registration.conditions,
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
    return Decision(filed.now(Status.CONTRACT_ISSUED, now))


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
    return declared is not None and known is not None and digits(declared) == digits(known)
