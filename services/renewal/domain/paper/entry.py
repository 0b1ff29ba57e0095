"""The aggregate `Entry`: one stamped form or contract of a batch, from the scan of its code until it is
received or refused.

While the batch is open: entered -> undone -> entered, any number of times. Then, once:
entered -> applying -> received | refused. An entry that is applying can't be undone any more.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.frozen import Frozen
from services.renewal.domain.paper import paper_form
from services.renewal.domain.paper.batch import Batch
from services.renewal.domain.paper.postal_date import Post, check
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.form_code import PaperKind
from services.renewal.domain.renewal import PostedForm, Renewal
from shared.events.base import DocumentRef
from shared.ids import derived
from shared.storage.aggregate import Decision, State


class EntryStatus(StrEnum):
    """The status of an entry."""

    ENTERED = "entered"
    UNDONE = "undone"
    APPLYING = "applying"
    RECEIVED = "received"
    REFUSED = "refused"


class RejectionReason(Frozen):
    """Why a form isn't received: the refusal's name, the registration's status, and the registration that
    replaced it, if any."""

    reason: str
    standing: RegistrationStatus
    replaced_by: UUID | None = None


class Entry(State):
    """An entry. `postmarked_on` and `envelope` are as the clerk entered them; `postmarked_on` None: the
    batch's; `envelope` None: no envelope.

    `revision` is the form's revision or, where the `paper` is a contract, the contract's place among the
    registration's contracts. `scan` is the PDF of its pages, bound when the entry is applied.
    """

    id: UUID
    batch_id: UUID
    renewal_id: UUID
    number: str
    revision: int
    envelope: int | None
    postmarked_on: date | None
    entered_by: str
    entered_at: datetime
    paper: PaperKind = "form"
    at: EntryStatus = EntryStatus.ENTERED
    scan: DocumentRef | None = None
    refused: RejectionReason | None = None
    applied_at: datetime | None = None

    def form(self, batch: Batch) -> PostedForm:
        """The form as its registration receives it."""
        assert self.scan is not None  # applying
        return PostedForm(
            revision=self.revision,
            received_on=batch.received_on,
            postmarked_on=self.postmarked_on or batch.postmarked_on,
            scan=self.scan,
            entered_by=self.entered_by,
            paper=self.paper,
        )


@dataclass(frozen=True, slots=True)
class ManualInput:
    """What a clerk enters about a form in addition to its code."""

    by: str
    envelope: int | None = None
    postmarked_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """The expected outcome for a form: `why_not` None means that it will be received. `received_on`: the day
    on which an earlier form came, if one did."""

    why_not: RejectionReason | None
    received_on: date | None


def entry_id(batch_id: UUID, renewal_id: UUID, revision: int, paper: PaperKind = "form") -> UUID:
    """The id of the entry: the same form in the same batch always has the same id."""
    which = revision if paper == "form" else f"{paper} {revision}"
    return derived("entry", batch_id, renewal_id, which)


def enter(
    entry: Entry | None,
    batch: Batch,
    renewal: Renewal,
    revision: int,
    typed: ManualInput,
    now: datetime,
    paper: PaperKind = "form",
) -> Decision[Entry] | None:
    """Enters a form. None where it is already entered with the same input. Raises RenewalError for an
    impossible postmark."""
    check(Post(received_on=batch.received_on, postmarked_on=typed.postmarked_on), batch.received_on)
    if entry and entry.at is not EntryStatus.UNDONE:
        return _update_input(entry, typed)
    registration = renewal.registration
    new = Entry(
        id=entry_id(batch.id, registration.renewal_id, revision, paper),
        batch_id=batch.id,
        renewal_id=registration.renewal_id,
        number=registration.number,
        revision=revision,
        envelope=typed.envelope,
        postmarked_on=typed.postmarked_on,
        entered_by=typed.by,
        entered_at=now,
        paper=paper,
    )
    return Decision(new)


def _update_input(entry: Entry, typed: ManualInput) -> Decision[Entry] | None:
    """The clerk's new input replaces the old; what isn't entered now stays."""
    entered = {"envelope": typed.envelope, "postmarked_on": typed.postmarked_on}
    changes = {name: value for name, value in entered.items() if value not in (None, getattr(entry, name))}
    if entry.at is not EntryStatus.ENTERED or not changes:
        return None
    return Decision(entry.model_copy(update=changes))


def undo(entry: Entry) -> Decision[Entry] | None:
    """Undoes the entry. None where it is already undone. Raises RenewalError once it is being applied."""
    if entry.at is EntryStatus.UNDONE:
        return None
    if entry.at is not EntryStatus.ENTERED:
        raise RenewalError("batch-closed")
    return Decision(entry.model_copy(update={"at": EntryStatus.UNDONE}))


def start_applying(entry: Entry, scan: DocumentRef) -> Decision[Entry]:
    return Decision(entry.model_copy(update={"at": EntryStatus.APPLYING, "scan": scan}))


def finish_applying(entry: Entry, refused: RejectionReason | None, now: datetime) -> Decision[Entry]:
    at = EntryStatus.REFUSED if refused else EntryStatus.RECEIVED
    return Decision(entry.model_copy(update={"at": at, "refused": refused, "applied_at": now}))


def expected_outcome(renewal: Renewal, revision: int, paper: PaperKind = "form") -> ExpectedOutcome:
    """The expected outcome by the renewal's current state."""
    other = renewal.posted if paper == "form" else renewal.posted_contract
    before = other.received_on if other else None
    try:
        paper_form.check_received(renewal, revision, paper)
    except RenewalError as error:
        return ExpectedOutcome(rejection(renewal, error.name), before)
    return ExpectedOutcome(None, before)


def rejection(renewal: Renewal, reason: str) -> RejectionReason:
    return RejectionReason(reason=reason, standing=renewal.status, replaced_by=renewal.replaced_by)
