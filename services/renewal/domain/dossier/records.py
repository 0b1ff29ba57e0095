"""The records of a dossier: what is stored about one registration, as JSON files of its archive.

The office's edition names each field that it tells. So a field that a later release adds stays in the desk's
edition until somebody decides that offices see it.
"""

import json
from collections.abc import Callable
from typing import Any

from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.reminders import form_reminders, payment_reminders
from services.renewal.domain.payment.commitment import Commitment, CommitmentStatus
from services.renewal.domain.payment.receivable import receivable_id
from shared.audit.entries import AuditEntry, jsonable

_REGISTRATION = {
    "renewal_id", "number", "subscription_id", "office_ref", "product_code", "product_name", "office",
    "invoice", "order", "payment", "term", "send_by", "registered_at", "registered_on", "kind", "line",
    "on_behalf", "pay_by", "conditions", "assent_days", "full_grant",
}  # fmt: skip
_ON_FORM: dict[str, Any] = {
    **dict.fromkeys(_REGISTRATION, True),
    "joined": {"__all__": _REGISTRATION},
    "lead": True,
}
"""A registration with the others on its form."""
_POSTED = {"revision", "received_on", "postmarked_on", "paper"}
_RENEWAL: dict[str, Any] = {
    "registration": _ON_FORM,
    "posted": _POSTED,
    "posted_contract": _POSTED,
    "returned": {"reason", "note", "returned_at"},
    "contract_returned": {"reason", "note", "returned_at"},
    "copy_refused": {"reason", "refused_at"},
    "earlier": {"__all__": {"revision", "term", "agreed_to", "reason", "reissued_at"}},
    "retention": {"deletion": {"reason", "approved_at", "finished_at", "manifest", "files", "shared"}},
    "void_contracts": {"__all__": {"number", "dated", "lapsed"}},
    **dict.fromkeys(
        (
            "status", "since", "form_revision", "form_signed_at", "refused", "cancelled", "replaced_by",
            "contract_number", "contract_date", "contract_of", "contract_covers", "sign_by",
        ),
        True,
    ),
}  # fmt: skip
_COMMITMENT = {"pay_by", "status", "reason", "decided_at", "extended_from", "broken_at", "paid"}
_RECEIPT = {"id", "amount", "received_on", "reference", "recorded_at"}
_PAYMENTS: dict[str, Any] = {
    "amount": True,
    "due_on": True,
    "claim": {"paid_on", "memo", "side", "claimed_at", "refused"},
    "receipts": {"__all__": {**dict.fromkeys(_RECEIPT, True), "reversal": {"reason", "refunded", "at"}}},
}
_ISSUED = {
    "id", "kind", "symbol", "number", "dated", "lookup_code", "lookup_url", "total", "request_revision",
    "reason", "recorded_at", "files",
}  # fmt: skip
_INVOICE: dict[str, Any] = {
    "issued": {"__all__": _ISSUED},
    "change": {"side", "at", "reason"},
    **dict.fromkeys(
        ("buyer", "wanted_on", "total", "total_in_words", "revision", "requested_at", "cancelled"), True
    ),
}
_GRANT = {
    "id", "kind", "cause", "cause_no", "resources", "granted_from", "granted_to", "revision",
    "first_requested_at", "confirmed_at", "voided_by",
}  # fmt: skip
_NOTICE = {"stage", "term", "counted_from", "seen_at"}
_PROOF = {
    "notice_id", "reason", "channel", "contact_id", "message_id", "outcome", "smtp_code", "at", "term",
    "counted_from",
}  # fmt: skip


def record_files(facts: DossierFacts, edition: DossierEdition) -> dict[str, bytes]:
    """The files by their paths in the archive. The same facts give the same bytes."""
    whole = edition is DossierEdition.DESK
    renewal = facts.renewal
    records: dict[str, Any] = {
        "registration": renewal.model_dump(
            mode="json", include=None if whole else _RENEWAL, exclude={"dossier", "name_words"}
        ),
        "payments": {
            **facts.receivable.model_dump(mode="json", include=None if whole else _PAYMENTS),
            "commitment": _commitment(renewal.commitment, whole=whole),
        },
        "invoice": facts.invoice.model_dump(mode="json", include=None if whole else _INVOICE),
        "resources": [
            grant.model_dump(mode="json", include=None if whole else _GRANT) for grant in facts.grants
        ],
        "notices": _notices(facts),
    }
    files = {f"records/{name}.json": canonical(record) for name, record in records.items()}
    return files | {
        audit_path(aggregate): canonical(_audit(aggregate, chain, edition))
        for aggregate, chain in facts.chains.items()
    }


def audit_path(aggregate: str) -> str:
    """Where the archive has the audit of an aggregate (`COLLECTION/ID`)."""
    return f"audit/{aggregate.partition('/')[0]}.json"


def canonical(value: object) -> bytes:
    """JSON with sorted keys, in UTF-8."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _commitment(commitment: Commitment | None, *, whole: bool) -> dict[str, Any] | None:
    """The office reads the reason for a refusal or another day. That of an acceptance is between clerks."""
    if commitment is None:
        return None
    is_told = commitment.status is CommitmentStatus.REFUSED or commitment.extended_from is not None
    fields = _COMMITMENT if is_told else _COMMITMENT - {"reason"}
    return commitment.model_dump(mode="json", include=None if whole else fields)


def _notices(facts: DossierFacts) -> dict[str, Any]:
    """The notices that this service knows: what a renewer saw on our pages, the reminders that it asked the
    notifier to send, and what the notifier proved of each e-mail (`sent`)."""
    id, claim = facts.renewal.registration.renewal_id, facts.receivable.claim
    of_renewal = facts.chains.get(f"renewals/{id}", ())
    of_receivable = facts.chains.get(f"receivables/{receivable_id(id)}", ())
    return {
        "seen": [notice.model_dump(mode="json", include=_NOTICE) for notice in facts.notices],
        "sent": [proof.model_dump(mode="json", include=_PROOF) for proof in facts.sent],
        "reminders": form_reminders(of_renewal),
        "payment_reminders": payment_reminders(of_renewal, of_receivable),
        "payment_not_seen": jsonable(claim.chased_at) if claim and claim.chased_at else None,
    }


def _audit(aggregate: str, chain: tuple[AuditEntry, ...], edition: DossierEdition) -> dict[str, Any]:
    told: Callable[[AuditEntry], object] = _whole if edition is DossierEdition.DESK else _link
    return {"aggregate": aggregate, "entries": [told(entry) for entry in chain]}


def _whole(entry: AuditEntry) -> object:
    """The entry as its hash covers it."""
    return jsonable(entry.model_dump())


def _link(entry: AuditEntry) -> object:
    """When something changed and by what kind of step, with the hashes: the chain can be followed, and an
    entry be recognised, without the notes and user ids in it."""
    kind, _, type = entry.actor.partition(":")
    return {
        "n": entry.n,
        "at": jsonable(entry.at),
        "by": type if kind == "event" else kind,
        "previous": entry.previous,
        "hash": entry.hash,
    }
