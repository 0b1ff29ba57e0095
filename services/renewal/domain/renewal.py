"""The aggregate `Renewal`: a registration on its way to a contract in force.

`flow` lists the statuses and the steps allowed in each. The steps are functions in `registration.form`,
`registration.sending`, `registration.reminder`, `paper.paper_form`, `desk.approval`, `contract.contract` and
`contract.assent`. Each takes the current state and what happened, and returns the new state with its events.
A message that has nothing to change returns the state unchanged, with no events.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from services.renewal.domain.contract.voided import VoidedContract, VoidProposal
from services.renewal.domain.dossier.retention import DossierRetention
from services.renewal.domain.earlier_form import EarlierForm
from services.renewal.domain.flow import AWAITING_CONTRACT, RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.paper.paper_return import CopyRefusal, PaperReturn
from services.renewal.domain.payment.commitment import Commitment
from services.renewal.domain.registration.form_code import PaperKind
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.replacement import Replacement
from shared.events.base import DocumentRef, SendBy
from shared.events.order import FullGrant
from shared.situation import Turn, turn_of
from shared.storage.aggregate import State
from shared.time.calendar import civil_date

AWAITED = {
    SendBy.ELECTRONIC: RegistrationStatus.AWAITING_SIGNATURE,
    SendBy.PAPER: RegistrationStatus.AWAITING_PAPER,
}


class DeskReason(StrEnum):
    """Why a clerk must decide before the renewal can continue."""

    PRODUCT_SETTING = "product_setting"
    CERTIFICATE_REVIEW = "certificate_review"
    EXPIRY_MOVED = "expiry_moved"
    OTHER_REVISION_SIGNED = "other_revision_signed"
    NOT_IN_GOOD_STANDING = "not_in_good_standing"
    SEAL_NOT_READY = "seal_not_ready"
    SEAL_FAILED = "seal_failed"
    CONTRACT_VOIDED = "contract_voided"
    JOINED_UNMADE = "joined_unmade"


Kind = Literal[
    "form",
    "paper_copy",
    "paper_scan",
    "signed_form",
    "contract",
    "signed_contract",
    "contract_scan",
    "sealed_contract",
]


class DossierDocument(Frozen):
    """A document in the renewal's dossier. `revision` is the form's revision, from 1; for a contract that the
    office signed, it is the contract's place among the registration's contracts, from 1."""

    kind: Kind
    revision: int
    document: DocumentRef
    filed_at: datetime


class PostedForm(Frozen):
    """A stamped form or contract that came by post: its revision (or which contract it is), the dates, and
    the scan."""

    revision: int
    received_on: date
    postmarked_on: date | None
    scan: DocumentRef
    entered_by: str
    paper: PaperKind = "form"


class FormCheck(Frozen):
    """The result of checking a signed form: what was found and what is in doubt, for the decision on it."""

    revision: int
    send_by: SendBy
    found: str
    doubt: DeskReason | None


class Renewal(State):
    """A renewal, with its registration, status and documents.

    `dossier` is in the order of filing. An earlier form in it is void, but still counts if it was signed.
    `since` is when the current status began (None: at registration); `reminders` counts the reminders to the
    office since then. `posted` is the newest paper form. `form_signed_at` is when the newest electronic form
    was signed. `earlier` holds the form's previous revisions, as far as they were stored; `judged` is the
    result of checking the signed form. `name_words` are the folded words of the office's name, for the desk's
    search. `payment_followed`: what is paid is recorded here; not so for what was registered before that was
    possible. `commitment`: the office's, to pay by a day. `sign_by` is the last day for the office to sign
    its contract, while it must. `posted_contract` is the contract that came on paper; `contract_returned`
    says why the last one was sent back. `voiding` is a voided contract that signing hasn't released yet.
    `void_proposal`: a clerk proposes to void the contract in force, and nobody has approved it yet.
    `retention` is what the desk decided about how long the documents are kept. `stands_for` are the
    subscriptions whose registration this is: its own and, until their renewals are made, those joined to it
    (None: it was made before this field, or from a joint registration). `contract_covers` are the joined
    registrations that its contract is over, too; `contract_of` is the registration whose contract is over
    this joined one. `replaced_by` is the renewal that
    replaced this cancelled one; `replacement` is stored until that renewal has its own record.
    """

    registration: Registration
    status: RegistrationStatus
    form_revision: int
    dossier: tuple[DossierDocument, ...]
    needs_desk: DeskReason | None = None
    desk_note: str | None = None
    form_signed_at: datetime | None = None
    accepted_by: str | None = None
    accepted_because: str | None = None
    since: datetime | None = None
    reminders: int = 0
    posted: PostedForm | None = None
    returned: PaperReturn | None = None
    copy_refused: CopyRefusal | None = None
    refused: str | None = None
    contract_number: ContractNumber | None = None
    contract_date: date | None = None
    cancelled: str | None = None
    replaced_by: UUID | None = None
    replacement: Replacement | None = None
    name_words: tuple[str, ...] = ()
    payment_followed: bool = False
    commitment: Commitment | None = None
    sign_by: date | None = None
    posted_contract: PostedForm | None = None
    contract_returned: PaperReturn | None = None
    voiding: VoidedContract | None = None
    void_contracts: tuple[VoidedContract, ...] = ()
    void_proposal: VoidProposal | None = None
    earlier: tuple[EarlierForm, ...] = ()
    judged: FormCheck | None = None
    retention: DossierRetention | None = None
    stands_for: tuple[UUID, ...] | None = None
    contract_covers: tuple[UUID, ...] = ()
    contract_of: UUID | None = None

    def newest_document(self, kind: Kind) -> DocumentRef | None:
        """The last document of that kind that was filed."""
        return next((paper.document for paper in reversed(self.dossier) if paper.kind == kind), None)

    @property
    def copy_to_check(self) -> DocumentRef | None:
        """The newest copy that the office uploaded, unless the desk refused it."""
        return None if self.copy_refused else self.newest_document("paper_copy")

    def is_void(self, paper: DossierDocument) -> bool:
        """Whether the document no longer counts: it belongs to a cancelled or refused registration, it is a
        form with a newer revision, a copy that was refused or replaced, or a contract that was voided."""
        contracts = [other for other in self.dossier if other.kind == "contract"]
        if paper in contracts[: len(self.void_contracts)]:
            return True
        if paper.kind in ("signed_contract", "contract_scan"):
            return paper.revision < self.nth_contract
        ended = self.status in (RegistrationStatus.CANCELLED, RegistrationStatus.REFUSED)
        passed = paper.kind == "paper_copy" and paper.document != self.copy_to_check
        replaced = paper.kind == "form" and paper.revision < self.form_revision
        return replaced or ended or passed

    def has_revision(self, revision: int) -> bool:
        """Whether the form was ever issued with that revision."""
        return 1 <= revision <= self.form_revision

    def is_valid_revision(self, revision: int) -> bool:
        """Whether that revision, once signed, is enough for a contract with the current term. Years and price
        are the same in all revisions; the term must not end earlier than the office agreed to."""
        return self.has_revision(revision) and revision not in self.unconfirmed

    @property
    def unconfirmed(self) -> tuple[int, ...]:
        """The revisions for which the office agreed to a later end than the current term's: it must agree to
        the earlier end first."""
        terms = [each.term for each in self.carried]
        return tuple(form.revision for form in self.earlier if form.is_unconfirmed(terms))

    @property
    def turn(self) -> Turn:
        """Who must act next, while the registration is open."""
        return turn_of(
            self.registration.send_by,
            accepted=self.status
            in (RegistrationStatus.ACCEPTED, *AWAITING_CONTRACT, RegistrationStatus.CONTRACT_ISSUED),
            signed=self.signed_revision,
            paper=self.posted.revision if self.posted else None,
            unconfirmed=self.unconfirmed,
            assents=self.status is RegistrationStatus.AWAITING_ASSENT,
            pays=self.is_unpaid,
        )

    @property
    def is_unpaid(self) -> bool:
        """Whether its contract is in force, and full use waits for the payment."""
        at_payment = self.registration.full_grant is FullGrant.AT_PAYMENT
        is_paid = self.commitment is not None and self.commitment.paid
        return at_payment and self.status is RegistrationStatus.CONTRACT_ISSUED and not is_paid

    @property
    def carries_joined(self) -> bool:
        """Whether it still stands for joined registrations, which have no renewals of their own yet."""
        return bool(self.registration.joined) and len(self.stands_for or ()) > 1

    @property
    def has_released(self) -> bool:
        """Whether the joined registrations have renewals of their own. They are still paid with this one."""
        return bool(self.registration.joined) and not self.carries_joined

    @property
    def carried(self) -> tuple[Registration, ...]:
        """The registrations that its form speaks for now: its own first."""
        return self.registration.on_form if self.carries_joined else (self.registration,)

    @property
    def nth_contract(self) -> int:
        """Which of the registration's contracts is the current one, from 1. The earlier ones are void."""
        return len(self.void_contracts) + 1

    @property
    def voided_in_force(self) -> VoidedContract | None:
        """The contract that was in force, where the desk voided it. The registration is closed then."""
        return next((void for void in reversed(self.void_contracts) if void.was_in_force), None)

    @property
    def signed_revision(self) -> int | None:
        """The newest revision that was signed electronically, or None."""
        signed = [p.revision for p in self.dossier if p.kind == "signed_form" and not self.is_stamped(p)]
        return max(signed, default=None)

    @property
    def basis_form(self) -> DossierDocument | None:
        """The signed form that the contract rests on: the newest that was sent in the chosen way, else the
        newest of all."""
        signed = [paper for paper in reversed(self.dossier) if paper.kind == "signed_form"]
        on_paper = self.registration.send_by is SendBy.PAPER
        ours = [paper for paper in signed if self.is_stamped(paper) is on_paper]
        return next(iter([*ours, *signed]), None)

    @property
    def listed(self) -> tuple[DossierDocument, ...]:
        """The documents to list, the newest first. Once the contract is sealed, its unsealed file is left
        out."""
        sealed = self.status is RegistrationStatus.CONTRACT_ISSUED
        left_out = [p for p in self.dossier if sealed and p.kind == "contract" and not self.is_void(p)]
        return tuple(paper for paper in reversed(self.dossier) if paper not in left_out)

    def is_stamped(self, paper: DossierDocument) -> bool:
        """Whether the signed form is a scan of a paper form."""
        scans = [other.document for other in self.dossier if other.kind == "paper_scan"]
        return paper.kind == "signed_form" and paper.document in scans

    @property
    def waits_since(self) -> datetime:
        return self.since or self.registration.registered_at

    def with_status(self, status: RegistrationStatus, at: datetime, **change: Any) -> Self:
        """The renewal with the new `status` from `at` on."""
        return self.with_changes(status=status, since=at, reminders=0, **change)

    def with_document(
        self, kind: Kind, document: DocumentRef, now: datetime, revision: int | None = None
    ) -> Self:
        """The renewal with one more document. `revision` is the document's, by default the current one."""
        of = revision or self.form_revision
        paper = DossierDocument(kind=kind, revision=of, document=document, filed_at=now)
        return self.with_changes(dossier=(*self.dossier, paper))

    def with_changes(self, **change: Any) -> Self:
        return self.model_copy(update=change)


def event_fields(registration: Registration, now: datetime) -> dict[str, Any]:
    """The fields that every event about a renewal has."""
    return {
        "subscription_id": registration.subscription_id,
        "office_ref": registration.office_ref,
        "product_code": registration.product_code,
        "effective_on": civil_date(now, registration.zone),
        "occurred_at": now,
        "recorded_at": now,
        "renewal_id": registration.renewal_id,
        "registration_no": registration.number,
    }
