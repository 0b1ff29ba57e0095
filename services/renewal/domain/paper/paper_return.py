"""What the office sent on paper, and went back."""

from datetime import datetime

from services.renewal.domain.frozen import Frozen
from shared.events.paper_form import ReturnReason


class PaperReturn(Frozen):
    """Why the last paper form was sent back."""

    reason: ReturnReason
    note: str
    returned_at: datetime


class CopyRefusal(Frozen):
    """Why the newest copy no longer counts: the desk found that it shows no stamped form."""

    reason: str
    refused_at: datetime
