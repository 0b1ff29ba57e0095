"""The aggregate `Renewal`: a registration on its way to a contract in force.

`flow` says where it may stand and what may be done there. `form`, `sending`, `posted`, `deciding` and
`contract` hold the steps; each takes what is and what happened, and returns what shall be and the events
that tell it.
A message that finds nothing left to do returns the state unchanged, with no events.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from services.renewal.domain.contract.numbering import ContractNumber
from services.renewal.domain.flow import ASSENTING, RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.form_code import PaperKind
from services.renewal.domain.registration.registration import Registration
from shared.events.base import DocumentRef, SendBy
from shared.events.paper_form import ReturnReason
from shared.events.renewal import Term
from shared.situation import Turn, turn_of
from shared.storage.aggregate import State
from shared.time.calendar import civil_date

AWAITED = {
    SendBy.ELECTRONIC: RegistrationStatus.AWAITING_SIGNATURE,
    SendBy.PAPER: RegistrationStatus.AWAITING_PAPER,
}


class DeskReason(StrEnum):
    """Why a person must look before the renewal goes on."""

    PRODUCT_SETTING = "product_setting"
    CERTIFICATE_REVIEW = "certificate_review"
    EXPIRY_MOVED = "expiry_moved"
    OTHER_REVISION_SIGNED = "other_revision_signed"
    NOT_IN_GOOD_STANDING = "not_in_good_standing"
    SEAL_NOT_READY = "seal_not_ready"
    SEAL_FAILED = "seal_failed"
    CONTRACT_VOIDED = "contract_voided"


ReissueReason = Literal["terminated", "corrected"]
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


class Paper(Frozen):
    """A document of the renewal's dossier. `revision` counts the forms from 1; of a contract that the office
    signed, it says which of the registration's that is."""

    kind: Kind
    revision: int
    document: DocumentRef
    filed_at: datetime


class PostedForm(Frozen):
    """A stamped form, or contract, that came by post: which revision or contract, when, and how it looks."""

    revision: int
    received_on: date
    postmarked_on: date | None
    scan: DocumentRef
    entered_by: str
    paper: PaperKind = "form"


class EarlierForm(Frozen):
    """A revision of the form that a later one replaced, and why. `agreed_to` is the end of the term that the
    office agreed to with it: its own, or a corrected one that it confirmed."""

    revision: int
    term: Term
    agreed_to: date
    reason: ReissueReason
    reissued_at: datetime


class Judged(Frozen):
    """How the signed form was found, and what is doubtful about it, for when it is decided on."""

    revision: int
    send_by: SendBy
    found: str
    doubt: DeskReason | None


class Returned(Frozen):
    """Why the last paper form was sent back."""

    reason: ReturnReason
    note: str
    returned_at: datetime


class RefusedCopy(Frozen):
    """Why the newest copy counts no more: the desk found that it shows no stamped form."""

    reason: str
    refused_at: datetime


class Replacement(Frozen):
    """The registration that takes a cancelled one's place, whole, until it is one of its own."""

    registration: Registration
    form: DocumentRef


class VoidContract(Frozen):
    """A contract without a seal that the clerk `by` voided, or that `lapsed`, as the office didn't sign it in
    time: its number stays, void, and isn't given again."""

    number: ContractNumber
    dated: date
    reason: str
    by: str
    at: datetime
    lapsed: bool = False


class Renewal(State):
    """`dossier` is in the order of filing; an earlier form in it is void, but counts once it is signed.

    `since` is when it came to stand where it stands (None: when it was registered), `reminders` how often
    the office was told since that we wait. `posted` is the paper form that came last. The newest
    form signed electronically was at `form_signed_at`.
    `earlier` are the revisions of the form before the one in force, as far as they were kept; `judged` says
    how the signed form was found.
    `name_words` are the folded words of the office's name, for the desk to find it by.
    `sign_by` is the last day on which the office signs its contract, while that waits for it;
    `posted_contract` is the one that came on paper, `contract_returned` why the last was sent back.
    `voiding` is what was voided and signing hasn't let go of yet.
    `replaced_by` is the renewal that took the place of this cancelled one; `replacement` is kept until
    that one is on record.
    """

    registration: Registration
    status: RegistrationStatus
    form_revision: int
    dossier: tuple[Paper, ...]
    needs_desk: DeskReason | None = None
    desk_note: str | None = None
    form_signed_at: datetime | None = None
    accepted_by: str | None = None
    accepted_because: str | None = None
    since: datetime | None = None
    reminders: int = 0
    posted: PostedForm | None = None
    returned: Returned | None = None
    copy_refused: RefusedCopy | None = None
    refused: str | None = None
    contract_number: ContractNumber | None = None
    contract_date: date | None = None
    cancelled: str | None = None
    replaced_by: UUID | None = None
    replacement: Replacement | None = None
    name_words: tuple[str, ...] = ()
    sign_by: date | None = None
    posted_contract: PostedForm | None = None
    contract_returned: Returned | None = None
    voiding: VoidContract | None = None
    void_contracts: tuple[VoidContract, ...] = ()
    earlier: tuple[EarlierForm, ...] = ()
    judged: Judged | None = None

    def newest(self, kind: Kind) -> DocumentRef | None:
        """The document of that kind filed last."""
        return next((paper.document for paper in reversed(self.dossier) if paper.kind == kind), None)

    @property
    def copy_to_judge(self) -> DocumentRef | None:
        """The newest copy that the office showed, unless the desk refused it."""
        return None if self.copy_refused else self.newest("paper_copy")

    def is_void(self, paper: Paper) -> bool:
        """Whether the document no longer counts: a form that was issued anew, one that was taken back, a copy
        that was refused or shown anew, or a contract that was voided."""
        contracts = [other for other in self.dossier if other.kind == "contract"]
        if paper in contracts[: len(self.void_contracts)]:
            return True
        if paper.kind in ("signed_contract", "contract_scan"):
            return paper.revision < self.nth_contract
        ended = self.status in (RegistrationStatus.CANCELLED, RegistrationStatus.REFUSED)
        passed = paper.kind == "paper_copy" and paper.document != self.copy_to_judge
        replaced = paper.kind == "form" and paper.revision < self.form_revision
        return replaced or ended or passed

    def knows(self, revision: int) -> bool:
        """Whether the form was ever issued in that revision."""
        return 1 <= revision <= self.form_revision

    def counts(self, revision: int) -> bool:
        """Whether that revision, signed, leads to a contract with the term in force: years and price are the
        same in all, and the end is what the office agreed to, or later."""
        return self.knows(revision) and revision not in self.unconfirmed

    @property
    def unconfirmed(self) -> tuple[int, ...]:
        """The revisions whose term ends later than the one in force: the office must agree first."""
        end = self.registration.term.term_to
        return tuple(form.revision for form in self.earlier if form.agreed_to > end)

    @property
    def turn(self) -> Turn:
        """Whose turn it is while it is open."""
        return turn_of(
            self.registration.send_by,
            accepted=self.status
            in (RegistrationStatus.ACCEPTED, *ASSENTING, RegistrationStatus.CONTRACT_ISSUED),
            signed=self.signed_revision,
            paper=self.posted.revision if self.posted else None,
            unconfirmed=self.unconfirmed,
            assents=self.status is RegistrationStatus.AWAITING_ASSENT,
        )

    @property
    def nth_contract(self) -> int:
        """Which of the registration's contracts is in hand, from 1: the others are void."""
        return len(self.void_contracts) + 1

    @property
    def signed_revision(self) -> int | None:
        """The revision that was signed electronically; None where none was."""
        signed = [p.revision for p in self.dossier if p.kind == "signed_form" and not self.is_stamped(p)]
        return max(signed, default=None)

    @property
    def assent(self) -> Paper | None:
        """The signed form that stands: sent in the way that was chosen, else whichever came last."""
        signed = [paper for paper in reversed(self.dossier) if paper.kind == "signed_form"]
        on_paper = self.registration.send_by is SendBy.PAPER
        ours = [paper for paper in signed if self.is_stamped(paper) is on_paper]
        return next(iter([*ours, *signed]), None)

    def is_stamped(self, paper: Paper) -> bool:
        """Whether a signed form is the scan of one on paper."""
        scans = [other.document for other in self.dossier if other.kind == "paper_scan"]
        return paper.kind == "signed_form" and paper.document in scans

    @property
    def waits_since(self) -> datetime:
        return self.since or self.registration.registered_at

    def now(self, status: RegistrationStatus, at: datetime, **change: Any) -> Self:
        """Moved on to where it stands from `at`."""
        return self.with_(status=status, since=at, reminders=0, **change)

    def filed(self, kind: Kind, document: DocumentRef, now: datetime, revision: int | None = None) -> Self:
        """`revision`: that which the document shows; the one in force where it isn't said."""
        shown = revision or self.form_revision
        paper = Paper(kind=kind, revision=shown, document=document, filed_at=now)
        return self.with_(dossier=(*self.dossier, paper))

    def with_(self, **change: Any) -> Self:
        return self.model_copy(update=change)


def about(registration: Registration, now: datetime) -> dict[str, Any]:
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
