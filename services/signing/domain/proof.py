"""Checks that a contract agrees with what signing knows of its registration. Otherwise it gets no seal."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from services.signing.domain.form import FormStatus, SigningForm
from shared.events.base import DocumentRef, Stage
from shared.events.renewal import ContractPrepared, Term
from shared.time.calendar import add_years


class WithholdReason(StrEnum):
    REGISTRATION_UNKNOWN = "registration_unknown"
    REGISTRATION_CLOSED = "registration_closed"
    ANOTHER_SUBSCRIPTION = "another_subscription"
    FORM_NOT_SIGNED = "form_not_signed"
    TERM_DIFFERS = "term_differs"
    ORDER_DIFFERS = "order_differs"
    ANOTHER_DOCUMENT = "another_document"
    NOT_ASSENTED = "not_assented"
    SEALED_ALREADY = "sealed_already"


def find_mismatch(form: SigningForm | None, contract: ContractPrepared, today: date) -> WithholdReason | None:
    """The first mismatch with the registration, or None. `today` is the latest date anywhere on earth."""
    if form is None:
        return WithholdReason.REGISTRATION_UNKNOWN
    ours = (form.subscription_id, form.office_ref, form.product_code)
    if (contract.subscription_id, contract.office_ref, contract.product_code) != ours:
        return WithholdReason.ANOTHER_SUBSCRIPTION
    if form.ended or form.status is FormStatus.CLOSED:
        return WithholdReason.REGISTRATION_CLOSED
    if not _is_signed(form, contract.signed_form):
        return WithholdReason.FORM_NOT_SIGNED
    if not _is_ordered(form, contract):
        return WithholdReason.ORDER_DIFFERS
    return None if _is_term_valid(form.term, contract, today) else WithholdReason.TERM_DIFFERS


def find_any_mismatch(
    forms: Sequence[SigningForm | None], contract: ContractPrepared, today: date
) -> WithholdReason | None:
    """The first mismatch of any product that the contract covers, or None. `forms` are in the order of
    `of_each`. Another product must be joined to the form that the contract was prepared for."""
    products = contract.of_each
    if len({each.renewal_id for each in products}) < len(products):
        return WithholdReason.ANOTHER_SUBSCRIPTION
    for form, each in zip(forms, products, strict=True):
        if form and each.renewal_id != contract.renewal_id and form.lead_id != contract.renewal_id:
            return WithholdReason.ANOTHER_SUBSCRIPTION
        if found := find_mismatch(form, each, today):
            return found
    return None


def _is_signed(form: SigningForm, signed: DocumentRef) -> bool:
    """Whether `signed` is the form as signed here in a revision that counts, or on paper and accepted by the
    desk. For a form of an older release signing does not know whether the desk accepted paper: any file
    passes, unless signing knows a signed one."""
    by_key = form.signed_form if form.status is FormStatus.SIGNED else None
    hashes = {known.sha256 for known in (by_key, form.accepted_paper) if known}
    return signed.sha256 in hashes or (form.ordered is None and not hashes)


def _is_ordered(form: SigningForm, contract: ContractPrepared) -> bool:
    if (ordered := form.ordered) is None:
        return True
    storage = {contract.storage_gb, ordered.storage_gb} - {None}  # None: an older release did not state it
    same = contract.model_dump(include=_ORDER_FIELDS) == ordered.model_dump(include=_ORDER_FIELDS)
    return same and len(storage) <= 1


_ORDER_FIELDS = {"registration_no", "package", "users", "total_vnd", "conditions"}


def _is_term_valid(registered: Term, contract: ContractPrepared, today: date) -> bool:
    """Whether the term is as registered or, if it runs from the contract's date, as that date makes it."""
    if contract.term == registered:
        return True
    from_expiry = registered.basis_expires_on + timedelta(days=1)
    moves = registered.basis_stage is Stage.TERMINATED and registered.term_from != from_expiry
    dated = contract.contract_date
    moved = {"term_from": dated, "term_to": add_years(dated, registered.years)}
    in_time = registered.term_from <= dated <= today
    return moves and in_time and contract.term == registered.model_copy(update=moved)
