"""Texts of the desk's items and of its table, from texts/*.toml."""

from pathlib import Path

from services.renewal.domain.desk.desk_item import (
    ContradictedOrder,
    FailedNotice,
    HeldAccess,
    WithheldContractItem,
)
from services.renewal.domain.desk.waiting_dossier import WaitingDossier
from services.renewal.texts import NOTICES
from shared.text.i18n import Text, TextCatalogue

_TEXTS = TextCatalogue(Path(__file__).parents[1] / "texts")
KINDS, STAGES, COLUMNS = (_TEXTS.part(part) for part in ("kind", "stage", "column"))
SHEET = _TEXTS.both("sheet.title").vi
_HELD, _WITHHELD = (_TEXTS.part(part) for part in ("held", "withheld"))
_CONTRADICTED, _DOSSIERS = _TEXTS.part("contradicted"), _TEXTS.part("dossier")


def notice(about: FailedNotice) -> Text:
    """What the office should have been told."""
    return NOTICES.get(about.reason, Text(about.reason, about.reason))


def why_held(about: HeldAccess) -> Text:
    return _HELD[about.reason]


def contradiction(about: ContradictedOrder) -> Text:
    """What the contract grants, what was stated, and what the licence has now."""
    text = _CONTRADICTED["applied" if about.applied else "kept"]
    return text.fill(**about.model_dump(exclude={"kind", "renewal_id", "applied"}))


def why_withheld(about: WithheldContractItem) -> Text:
    return _WITHHELD.get(about.reason, Text(about.reason, about.reason))


def why_dossier(dossier: WaitingDossier) -> Text:
    return _DOSSIERS[dossier.kind]
