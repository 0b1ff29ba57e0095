"""The renewals of the joined products: once the lead is accepted, each product has a renewal of its own."""

from collections.abc import Sequence
from datetime import datetime

from services.renewal.domain.earlier_form import AgreedTerm, EarlierForm
from services.renewal.domain.flow import AWAITING_CONTRACT, RegistrationStatus
from services.renewal.domain.registration.catalogue import ContractNumbering
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.renewal import DeskReason, Renewal, event_fields
from services.renewal.domain.wait import wait_until
from shared.events.renewal import RenewalAccepted
from shared.storage.aggregate import Decision

ACCEPTED = (RegistrationStatus.ACCEPTED, *AWAITING_CONTRACT, RegistrationStatus.CONTRACT_ISSUED)
_OF_THE_FORM = ("form", "paper_copy", "paper_scan", "signed_form")
_OF_THE_CONTRACT = (*_OF_THE_FORM, "contract")


def is_due(lead: Renewal) -> bool:
    """Whether the lead is accepted, and the joined products have no renewals of their own yet."""
    return lead.carries_joined and lead.status in ACCEPTED


def accept_joined(lead: Renewal, place: int, now: datetime, *, moved: bool) -> Decision[Renewal]:
    """The accepted renewal of one joined product, on the lead's signed form, with the lead's contract where
    that is over this product too. Where its last day of use `moved` meanwhile, the desk decides on it as on a
    single registration; but not once it has a contract."""
    joined = lead.registration.joined[place]
    state = _renewal(lead, joined, place, now)
    if moved and not state.contract_of:
        note = lead.accepted_because
        waits = state.with_status(
            RegistrationStatus.AWAITING_CONFIRMATION,
            now,
            needs_desk=DeskReason.EXPIRY_MOVED,
            desk_note=note,
            accepted_because=None,
        )
        return Decision(waits)
    event = RenewalAccepted(
        **event_fields(joined, now),
        decided_by="desk" if lead.accepted_by else "rule",
        reason=lead.accepted_because or "",
        wait_until=wait_until(state),
    )
    return Decision(state, (event,))


def release_joined(lead: Renewal) -> Decision[Renewal]:
    """The lead stands for its own product only, from now on."""
    marked = lead.needs_desk is DeskReason.JOINED_UNMADE
    cleared = {"needs_desk": None, "desk_note": None} if marked else {}
    return Decision(lead.with_changes(stands_for=(lead.registration.subscription_id,), **cleared))


def mark_unmade(lead: Renewal, numbers: Sequence[str]) -> Decision[Renewal] | None:
    """The renewals of the products with these registration numbers can't be made: a person must look. None
    where the lead says so already, or waits for a person for another reason."""
    note = "; ".join(numbers)
    if lead.needs_desk not in (None, DeskReason.JOINED_UNMADE) or lead.desk_note == note:
        return None
    return Decision(lead.with_changes(needs_desk=DeskReason.JOINED_UNMADE, desk_note=note))


def to_cover(lead: Renewal) -> tuple[Registration, ...]:
    """The joined registrations that the contract to be prepared is over, too."""
    together = lead.registration.numbering is ContractNumbering.ORDER
    return lead.carried[1:] if together else ()


def on_its_form(lead: Renewal, place: int) -> Renewal:
    """The lead, as its form speaks for one joined product."""
    joined = lead.registration.joined[place]
    earlier = tuple(_earlier(form, joined, place) for form in lead.earlier)
    return lead.with_changes(registration=joined, earlier=earlier)


def _renewal(lead: Renewal, joined: Registration, place: int, now: datetime) -> Renewal:
    assert joined.lead is not None
    carrier = joined.lead.model_copy(update={"last_revision": lead.form_revision})
    changed = {"send_by": lead.registration.send_by, "lead": carrier}
    is_covered = joined.renewal_id in lead.contract_covers
    kinds = _OF_THE_CONTRACT if is_covered else _OF_THE_FORM
    return Renewal(
        registration=joined.model_copy(update=changed),
        status=RegistrationStatus.ACCEPTED,
        form_revision=lead.form_revision,
        dossier=tuple(paper for paper in lead.dossier if paper.kind in kinds),
        form_signed_at=lead.form_signed_at,
        accepted_by=lead.accepted_by,
        accepted_because=lead.accepted_because,
        since=now,
        posted=lead.posted,
        name_words=lead.name_words,
        earlier=tuple(_earlier(form, joined, place) for form in lead.earlier),
        judged=lead.judged,
        contract_number=lead.contract_number if is_covered else None,
        contract_date=lead.contract_date if is_covered else None,
        contract_of=lead.registration.renewal_id if is_covered else None,
    )


def _earlier(form: EarlierForm, joined: Registration, place: int) -> EarlierForm:
    """The earlier form, as far as it is about that joined product. Where it states no term for it, the
    product's own counts."""
    own = AgreedTerm(term=joined.term, agreed_to=joined.term.term_to)
    agreed = form.joined[place] if place < len(form.joined) else own
    return form.model_copy(update={"term": agreed.term, "agreed_to": agreed.agreed_to, "joined": ()})
