"""What a notice is about: its reason, and the facts from the event."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.notifier.domain.assent_matter import AssentEvent, AssentMatter, assent_matter
from services.notifier.domain.frozen import Frozen
from services.notifier.domain.payment.matter import PaymentEvent, PaymentMatter, payment_matter
from services.notifier.domain.reason import NoticeReason
from services.notifier.domain.registration_matter import (
    AddressChanged,
    ClosureEvent,
    FormEvent,
    FormMatter,
    FormRestated,
    RegistrationClosed,
    RegistrationMatter,
    closed_matter,
    form_matter,
    restated_matter,
)
from shared.events.assent import ContractLapsed, ContractPaperReceived, ContractPaperReturned
from shared.events.base import Capability, DocumentRef, SendBy, Stage
from shared.events.order import FullGrant, OrderedResources, TransferDetails
from shared.events.renewal import (
    ContractPrepared,
    ContractVoided,
    FormReissued,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
)
from shared.events.resources import ResourcesConfirmed
from shared.events.signing import ContractIssued
from shared.events.subscription import AccessLocked, SubscriptionExpiring, SubscriptionTerminated


class _StageMatterBase(Frozen):
    """`term` is the last day of the term, `since` the local date on which the stage or reminder began."""

    term: date
    since: date

    @property
    def occasion(self) -> str:
        return self.since.isoformat()


class Expiring(_StageMatterBase):
    reason: Literal[NoticeReason.EXPIRING] = NoticeReason.EXPIRING
    stage: Literal[Stage.EXPIRING] = Stage.EXPIRING
    counted_from: date | None = None


class Locked(_StageMatterBase):
    """`access` is the access that is left. The service ends on `ends_on`, or `end_notice_days` after the
    office is notified of it, whichever is later."""

    reason: Literal[NoticeReason.LOCKED, NoticeReason.FINAL_NOTICE]
    stage: Literal[Stage.LOCKED, Stage.FINAL_NOTICE]
    access: tuple[Capability, ...]
    ends_on: date
    end_notice_days: int | None = None


class Terminated(_StageMatterBase):
    """`ends_on` is the date on which the data is due for deletion."""

    reason: Literal[NoticeReason.TERMINATED] = NoticeReason.TERMINATED
    stage: Literal[Stage.TERMINATED] = Stage.TERMINATED
    ends_on: date


class _NewTermMatter(RegistrationMatter):
    """`term` is the last day of the new term, which begins on `term_from`."""

    term_from: date
    term: date


class JoinedTerm(Frozen):
    """Another product on the same form, the last day of its new term, and what is ordered of it."""

    product_code: str
    term: date
    ordered: OrderedResources | None = None


class Registered(_NewTermMatter):
    reason: Literal[NoticeReason.REGISTERED] = NoticeReason.REGISTERED
    send_by: SendBy
    registered_at: datetime
    transfer: TransferDetails | None = None
    joined: tuple[JoinedTerm, ...] = ()


class ContractMatter(_NewTermMatter):
    """`package`, `users` and `storage_gb` are what the contract gives, None in notices of older releases.
    `joined` are the other products that the same contract is over."""

    reason: Literal[NoticeReason.CONTRACT] = NoticeReason.CONTRACT
    contract_number: str
    contract_date: date
    document: DocumentRef
    package: str | None = None
    users: int | None = None
    storage_gb: int | None = None
    full_grant: FullGrant = FullGrant.AT_CONTRACT
    pay_by: date | None = None
    joined: tuple[JoinedTerm, ...] = ()


class GrantMatter(RegistrationMatter):
    """The platform confirmed all that the contract gives, from `granted_from` to `granted_to`. `storage_gb`
    null: what the package includes."""

    reason: Literal[NoticeReason.RESOURCES_GRANTED] = NoticeReason.RESOURCES_GRANTED
    term: None = None
    registration_no: str = ""
    contract_number: str
    grant_id: UUID
    revision: int
    package: str
    users: int
    storage_gb: int | None
    granted_from: date
    granted_to: date

    @property
    def occasion(self) -> str:
        return f"{self.grant_id} {self.revision}"


StageMatter = Expiring | Locked | Terminated
AnyMatter = (
    StageMatter
    | Registered
    | AddressChanged
    | FormRestated
    | FormMatter
    | RegistrationClosed
    | AssentMatter
    | ContractMatter
    | GrantMatter
    | PaymentMatter
)
Matter = Annotated[AnyMatter, Field(discriminator="reason")]
StageEvent = SubscriptionExpiring | AccessLocked | SubscriptionTerminated
NoticeEvent = (
    StageEvent
    | RenewalRegistered
    | FormReissued
    | FormEvent
    | ClosureEvent
    | AssentEvent
    | ContractIssued
    | ResourcesConfirmed
    | PaymentEvent
)


def matter_of(event: NoticeEvent) -> AnyMatter:
    """Raises ValueError for an AccessLocked of a stage that doesn't lock, for a payment that is awaited
    without its day, and for a grant of no registration."""
    if isinstance(event, PaymentEvent):
        return payment_matter(event)
    if isinstance(event, StageEvent):
        return _stage_matter(event)
    match event:
        case RenewalRegistered():
            return _registered_matter(event)
        case ContractIssued():
            return _contract_matter(event)
        case ResourcesConfirmed():
            return _grant_matter(event)
        case FormReissued():
            return restated_matter(event)
        case RenewalRefused() | RenewalCancelled() | ContractVoided():
            return closed_matter(event)
        case ContractPrepared() | ContractPaperReceived() | ContractPaperReturned() | ContractLapsed():
            return assent_matter(event)
        case _:
            return form_matter(event)


def _stage_matter(event: StageEvent) -> StageMatter:
    match event:
        case SubscriptionExpiring():
            counted_from = event.effective_on + timedelta(days=event.days_left)
            return Expiring(term=event.expires_on, since=event.effective_on, counted_from=counted_from)
        case AccessLocked():
            return _locked_matter(event)
        case SubscriptionTerminated():
            return Terminated(term=event.expires_on, since=event.effective_on, ends_on=event.deletion_due_on)


def _registered_matter(event: RenewalRegistered) -> Registered:
    return Registered(
        renewal_id=event.renewal_id,
        registration_no=event.registration_no,
        term_from=event.term.term_from,
        term=event.term.term_to,
        send_by=event.send_by,
        registered_at=event.occurred_at,
        transfer=event.transfer,
        joined=tuple(
            JoinedTerm(product_code=each.product_code, term=each.term.term_to, ordered=each.ordered)
            for each in event.joined
        ),
    )


def is_relaxation(event: AccessLocked) -> bool:
    """Whether a correction moved the subscription back to a milder stage. That causes no mail, as a restored
    access causes none: the banner and the lock screen say it."""
    order = list(Stage)
    return order.index(event.new_stage) < order.index(event.old_stage)


def _locked_matter(event: AccessLocked) -> Locked:
    if event.new_stage not in (Stage.LOCKED, Stage.FINAL_NOTICE):
        raise ValueError(f"AccessLocked at stage {event.new_stage}")
    return Locked(
        reason=NoticeReason(event.new_stage.value),
        stage=event.new_stage,
        term=event.expires_on,
        since=event.effective_on,
        access=event.access,
        ends_on=event.terminates_on,
        end_notice_days=event.end_notice_days,
    )


def _contract_matter(event: ContractIssued) -> ContractMatter:
    return ContractMatter(
        renewal_id=event.renewal_id,
        registration_no=event.registration_no,
        term_from=event.term.term_from,
        term=event.term.term_to,
        contract_number=event.contract_number,
        contract_date=event.contract_date,
        document=event.contract,
        **event.model_dump(include={"package", "users", "storage_gb", "full_grant", "pay_by"}),
        joined=tuple(
            JoinedTerm(
                product_code=each.product_code,
                term=each.term.term_to,
                ordered=OrderedResources.model_validate(each, from_attributes=True),
            )
            for each in event.covers
        ),
    )


def is_full_grant(event: ResourcesConfirmed) -> bool:
    """Whether a contract gives it: the office is told of that alone."""
    return event.kind == "full" and event.cause == "contract" and event.renewal_id is not None


def _grant_matter(event: ResourcesConfirmed) -> GrantMatter:
    if event.renewal_id is None:
        raise ValueError("a grant of no registration")
    names = {"renewal_id", "grant_id", "revision", "package", "users", "storage_gb"}
    days = {"granted_from", "granted_to"}
    return GrantMatter(**event.model_dump(include=names | days), contract_number=event.cause_no)
