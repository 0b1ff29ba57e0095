"""The aggregate `ContractSeal`: one contract and the vendor's seal on it. prepared -> sealed, or void; after
a void one the renewal's next contract takes its place.

It is recorded as prepared before anything is sealed, so that a contract whose sealing fails is seen to
wait, not lost. `_id` is derived from the renewal: whatever happens, one seal is recorded.
`Withheld` is a contract that gets no seal because it doesn't agree with its registration.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.signing.domain.certificate import Certificate
from services.signing.domain.proof import Doubt
from shared.aggregate import Decision, State
from shared.events.base import DocumentRef
from shared.events.renewal import ContractPrepared
from shared.events.signing import ContractIssued, SealFailed
from shared.ids import derived

VOIDED = "voided"


class SealStatus(StrEnum):
    PREPARED = "prepared"
    SEALED = "sealed"
    VOID = "void"


class ContractSeal(State):
    """`failed` is why it has no seal yet, as it was told."""

    contract: ContractPrepared
    status: SealStatus = SealStatus.PREPARED
    sealed_contract: DocumentRef | None = None
    failed: str | None = None


class Withheld(State):
    """Told once: its message may come again and again, as it waits for its registration."""

    contract: ContractPrepared
    reason: Doubt


def withheld_id(contract: ContractPrepared) -> UUID:
    return derived("withheld", contract.renewal_id, contract.contract_number, contract.contract.sha256)


def withheld(contract: ContractPrepared, reason: Doubt, now: datetime) -> Decision[Withheld]:
    return Decision(Withheld(contract=contract, reason=reason), (failed(contract, reason, now),))


def failed(contract: ContractPrepared, reason: str, now: datetime) -> SealFailed:
    """`contract` may be anybody's word: of its number only what a number could be is told on."""
    number = contract.contract_number[:40]
    return SealFailed(
        **contract.model_dump(include={"subscription_id", "office_ref", "product_code", "renewal_id"}),
        effective_on=now.date(),
        occurred_at=now,
        recorded_at=now,
        contract_number=number if number.isprintable() else "",
        reason=reason,
    )


def seal_id(renewal_id: UUID) -> UUID:
    return derived("contract", renewal_id)


def prepared(event: ContractPrepared) -> Decision[ContractSeal]:
    return Decision(ContractSeal(contract=event))


def fail(state: ContractSeal, reason: str, now: datetime) -> Decision[ContractSeal] | None:
    """Tell why there is no seal, once a reason."""
    if state.failed == reason or state.status is not SealStatus.PREPARED:
        return None
    told = failed(state.contract, reason, now)
    return Decision(state.model_copy(update={"failed": reason}), (told,))


def void(state: ContractSeal, number: str, now: datetime) -> Decision[ContractSeal] | None:
    """The desk voids it: it is never sealed. None where its seal came first, or another took its place."""
    if state.status is not SealStatus.PREPARED or state.contract.contract_number != number:
        return None
    told = failed(state.contract, VOIDED, now)
    return Decision(state.model_copy(update={"status": SealStatus.VOID, "failed": VOIDED}), (told,))


def sealed(
    state: ContractSeal, contract: DocumentRef, certificate: Certificate, now: datetime
) -> Decision[ContractSeal]:
    """`contract` is the sealed PDF. A contract already sealed keeps the seal it has."""
    if state.status is SealStatus.SEALED:
        return Decision(state)
    told = state.contract.model_dump(exclude={"contract", "effective_on", "occurred_at", "recorded_at"})
    event = ContractIssued(
        **told,
        effective_on=state.contract.contract_date,
        occurred_at=now,
        recorded_at=now,
        contract=contract,
        sealed_at=now,
        certificate=certificate.facts("vendor"),
    )
    return Decision(
        state.model_copy(update={"status": SealStatus.SEALED, "sealed_contract": contract}), (event,)
    )
