"""Texts for people from texts/*.toml, by the value of an enum or the name of a rule."""

from pathlib import Path

from services.renewal.domain.flow import OPEN, RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from shared.situation import Turn
from shared.text.i18n import Text, TextCatalogue

TEXTS = TextCatalogue(Path(__file__).parent / "texts")
_JOINT = TextCatalogue(Path(__file__).parent / "joint/texts")
STATUSES, SENDING, STEPS = (TEXTS.part(part) for part in ("status", "sending", "step"))
CONTRACT_STEPS = TEXTS.part("contract_step")
"""The same steps where the paper that is here is the contract."""
ACTIONS = TEXTS.part("action")
"""What the audit of a renewal names, without the id behind it."""
NEXT = TEXTS.part("next")
DESK_REASONS, RETURN_REASONS = TEXTS.part("desk_reason"), TEXTS.part("return_reason")
FOUND = TEXTS.part("found")
"""What a rule found about a form, by its parts: `signed; certificate matched by tax_code`."""
LOOKS = TEXTS.part("look")
"""What a person must look at in a file that was signed elsewhere: parts of the same note."""
NOTICES = TEXTS.part("notice")
"""What an office was to be told, by the notifier's reason."""
PAYMENT_STATUSES, PAYMENT_STATES = TEXTS.part("payment_status"), TEXTS.part("payment_state")
MATCH_VERDICTS, MATCH_REASONS = TEXTS.part("match_verdict"), TEXTS.part("match_reason")
COMMITMENT_STATUSES = TEXTS.part("commitment_status")
INVOICE_STATUSES = TEXTS.part("invoice_status")
_NOT_FOUND = {
    "licence-unknown",
    "registration-unknown",
    "batch-unknown",
    "entry-unknown",
    "sheet-unknown",
    "item-unknown",
    "office-unknown",
    "receipt-unknown",
    "line-unknown",
    "statement-unknown",
    "invoice-unknown",
    "document-gone",
    "grant-unknown",
    "slip-unknown",
    "treasury-paper-absent",
}
_INVALID = {
    "registration-invalid",
    "product-not-sold",
    "list-too-long",
    "history-too-long",
    "search-too-short",
    "paper-code-unread",
    "paper-as-printed",
    "paper-signed-digitally",
    "post-untrue",
    "upload-bad",
    "code-unknown",
    "payment-day-untrue",
    "extension-day-untrue",
    "layout-unknown",
    "shares-untrue",
    "invoice-invalid",
    "reason-missing",
    "joint-twice",
    "joint-alone",
    "joint-lines",
    "joint-offices",
    "joint-sum",
    "allocation-untrue",
}


def _status(name: str) -> int:
    """The request conflicts with the present state, unless the name is in a list above."""
    return 404 if name in _NOT_FOUND else 422 if name in _INVALID else 409


REFUSALS = {
    name: (_status(name), text) for name, text in (TEXTS.part("refusal") | _JOINT.part("refusal")).items()
}
"""Why a step is refused, by the rule's name: the HTTP status and the text."""


def refusal_text(refused: RenewalError) -> Text:
    """The text for the first invalid field, if there is one, else for the refusal."""
    return refused.errors[0].message if refused.errors else REFUSALS[refused.name][1]


def status_text(renewal: Renewal) -> Text:
    return TEXTS.both("confirm.status") if _is_to_confirm(renewal) else STATUSES[renewal.status]


def next_text(renewal: Renewal) -> Text:
    if renewal.status is RegistrationStatus.AWAITING_ASSENT and renewal.sign_by:
        return TEXTS.both("next.by", next=NEXT[renewal.status], day=renewal.sign_by)
    return TEXTS.both("confirm.next") if _is_to_confirm(renewal) else NEXT[renewal.status]


def _is_to_confirm(renewal: Renewal) -> bool:
    return renewal.status in OPEN and renewal.turn is Turn.CONFIRM
