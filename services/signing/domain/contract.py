"""The aggregate `ContractSeal`: one contract and the vendor's seal on it. prepared -> sealed, or void. The
renewal's next contract replaces a void one. A contract with `sign_by` first waits for the office, which signs
here or on paper; then renewal publishes ContractAssented.

A contract is recorded as prepared before it is sealed: if sealing fails, it visibly waits and is not lost.
`_id` is derived from the renewal: whatever happens, one seal is recorded. `WithheldContract` is a contract
that gets no seal because it doesn't agree with its registration.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.signing.domain.attempt import Completion, Signable, SigningSubject
from services.signing.domain.certificate import Certificate, Match, match
from services.signing.domain.form import SigningForm
from services.signing.domain.proof import WithholdReason
from services.signing.domain.refusal import RefusalReason, SigningError
from shared.events.assent import ContractAssented
from shared.events.base import DocumentRef, Sha256
from shared.events.renewal import ContractPrepared, ContractVoided
from shared.events.signing import ContractIssued, ContractSigned, SealFailed
from shared.ids import derived
from shared.storage.aggregate import Decision, State


class SealStatus(StrEnum):
    PREPARED = "prepared"
    SEALED = "sealed"
    VOID = "void"


class ContractSeal(Signable):
    """`failed` is the last published reason why there is no seal. `void_in_force`: the contract was sealed,
    and the vendor voided it since; the seal itself stays. The four fields after the seal's are for a contract
    that the office signs: its codes, the fingerprint of the certificate on its form, and the signed file.
    `attempts_before` is the last attempt at the void contracts before it: the numbers go on, so that each
    names one attempt of the renewal."""

    contract: ContractPrepared
    status: SealStatus = SealStatus.PREPARED
    sealed_contract: DocumentRef | None = None
    failed: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None
    form_certificate: Sha256 | None = None
    signed_contract: DocumentRef | None = None
    attempts_before: int = 0
    void_in_force: bool = False

    @property
    def last_attempt(self) -> int:
        return super().last_attempt or self.attempts_before

    @property
    def subject(self) -> SigningSubject:
        return SigningSubject(
            renewal_id=self.contract.renewal_id,
            office_ref=self.contract.office_ref,
            tax_code=self.tax_code,
            budget_code=self.budget_code,
            document=self.contract.contract,
            signed_kind="signed_contract",
            not_awaiting=RefusalReason.CONTRACT_NOT_AWAITING,
        )

    @property
    def signed_document(self) -> DocumentRef | None:
        return self.sealed_contract or self.signed_contract

    @property
    def can_be_signed(self) -> bool:
        waits = self.status is SealStatus.PREPARED and self.contract.sign_by is not None
        return waits and self.signed_contract is None

    def check_signer(self, certificate: Certificate) -> None:
        """Accepts a certificate with the office's codes, or the one that signed the form.

        Raises SigningError.
        """
        if self._match(certificate) == "review" and certificate.fingerprint != self.form_certificate:
            raise SigningError(RefusalReason.CERTIFICATE_OF_ANOTHER)

    def check_images(self) -> None:
        """Accepts none: an image could add terms, and no clerk looks at a contract before it is sealed."""
        raise SigningError(RefusalReason.IMAGES_ON_CONTRACT)

    def sign(self, completion: Completion, signed_at: datetime, now: datetime) -> Decision[Self]:
        if completion.looks:  # no clerk looks at a contract before it is sealed
            raise SigningError(RefusalReason.UPLOAD_UNCLEAR)
        event = ContractSigned(
            **_event_fields(self.contract, now),
            contract_number=self.contract.contract_number,
            issued_contract=self.contract.contract.sha256,
            signed_contract=completion.signed,
            signed_at=signed_at,
            certificate=completion.certificate.facts(self._match(completion.certificate)),
        )
        signed = {"signed_contract": completion.signed}
        return Decision(self.model_copy(update=signed), (event,))

    def assented_document(self, event: ContractAssented) -> DocumentRef | None:
        """The document that the vendor seals: the file that the office signed here or, with a scan of its
        paper, the contract as prepared. None if the event names another document."""
        document = self.contract.contract if event.scan else self.signed_contract
        return document if document is not None and event.contract.sha256 == document.sha256 else None

    def _match(self, certificate: Certificate) -> Match:
        return match(certificate, self.tax_code, self.budget_code)


class WithheldContract(State):
    """Stored so that the failure is published once, however often the message comes."""

    contract: ContractPrepared
    reason: WithholdReason


def withheld_id(contract: ContractPrepared) -> UUID:
    return derived("withheld", contract.renewal_id, contract.contract_number, contract.contract.sha256)


def withhold(contract: ContractPrepared, reason: WithholdReason, now: datetime) -> Decision[WithheldContract]:
    return Decision(
        WithheldContract(contract=contract, reason=reason), (seal_failed_event(contract, reason, now),)
    )


def seal_failed_event(contract: ContractPrepared, reason: str, now: datetime) -> SealFailed:
    """`contract` may be forged, so its number is cut to 40 characters, and dropped if it is not printable."""
    number = contract.contract_number[:40]
    return SealFailed(
        **_event_fields(contract, now),
        contract_number=number if number.isprintable() else "",
        reason=reason,
    )


def _event_fields(contract: ContractPrepared, now: datetime) -> dict[str, Any]:
    identity = contract.model_dump(include={"subscription_id", "office_ref", "product_code", "renewal_id"})
    return identity | {"effective_on": now.date(), "occurred_at": now, "recorded_at": now}


def seal_id(renewal_id: UUID) -> UUID:
    return derived("contract", renewal_id)


def prepare(
    event: ContractPrepared, form: SigningForm | None = None, replaced: ContractSeal | None = None
) -> Decision[ContractSeal]:
    """Record the contract as prepared. `form` is its registration's, `replaced` the void contract before
    it. The certificate that signed the form counts only if the contract refers to that signature: otherwise
    renewal did not check it."""
    before = replaced.last_attempt if replaced else 0
    if form is None or event.sign_by is None:
        return Decision(ContractSeal(contract=event, attempts_before=before))
    signer = form.signed_with if form.signed_form == event.signed_form else None
    return Decision(
        ContractSeal(
            contract=event,
            tax_code=form.tax_code,
            budget_code=form.budget_code,
            form_certificate=signer.fingerprint if signer else None,
            attempts_before=before,
        )
    )


def record_failure(state: ContractSeal, reason: str, now: datetime) -> Decision[ContractSeal] | None:
    """Publish why there is no seal, once for each reason."""
    if state.failed == reason or state.status is not SealStatus.PREPARED:
        return None
    event = seal_failed_event(state.contract, reason, now)
    return Decision(state.model_copy(update={"failed": reason}), (event,))


def void(state: ContractSeal, event: ContractVoided, now: datetime) -> Decision[ContractSeal] | None:
    """Void the contract, so that it is never sealed; or record that one in force is void. None if it is void
    already, if it was sealed before it was to be voided without a seal, if the office signed before it
    lapsed, or if another contract replaced it."""
    if state.contract.contract_number != event.contract_number:
        return None
    if state.status is SealStatus.SEALED and event.in_force and not state.void_in_force:
        return Decision(state.model_copy(update={"void_in_force": True}))
    if state.status is not SealStatus.PREPARED:
        return None
    if event.lapsed and state.signed_contract:
        return None
    told = tuple(seal_failed_event(each, SealFailed.VOIDED, now) for each in state.contract.of_each)
    ended = {"status": SealStatus.VOID, "failed": SealFailed.VOIDED}
    return Decision(state.without_open_attempt().model_copy(update=ended), told)


def record_seal(
    state: ContractSeal, contract: DocumentRef, certificate: Certificate, now: datetime
) -> Decision[ContractSeal]:
    """Record the seal, and tell it of each product that the contract covers. `contract` is the sealed PDF. A
    contract that is already sealed does not change."""
    if state.status is SealStatus.SEALED:
        return Decision(state)
    sealed = {
        "effective_on": state.contract.contract_date,
        "occurred_at": now,
        "recorded_at": now,
        "contract": contract,
        "sealed_at": now,
        "certificate": certificate.facts("vendor"),
    }
    of_first, *of_others = (
        ContractIssued(**each.model_dump(exclude={*sealed, "sign_by"}), **sealed)
        for each in state.contract.of_each
    )
    lead = {"lead_id": state.contract.renewal_id}
    told = (
        of_first.model_copy(update={"covers": state.contract.covers}),
        *(each.model_copy(update=lead) for each in of_others),
    )
    done = {"status": SealStatus.SEALED, "sealed_contract": contract}
    return Decision(state.without_open_attempt().model_copy(update=done), told)
