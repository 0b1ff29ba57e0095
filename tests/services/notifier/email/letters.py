"""Letters as the notifier writes them, with documents in memory."""

from services.notifier.domain.contact import Contact
from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.subscription_status import RegistrationProgress, SubscriptionStatus
from services.notifier.email.letters import LetterWriter
from services.notifier.email.mime import Letter
from services.notifier.portal import Portal
from services.notifier.settings import NotifierSettings
from services.notifier.words import NoticeWords
from shared.events.base import DocumentRef
from shared.resilience.errors import MissingDocument
from shared.storage.documents import Provenance
from tests.services.notifier import examples as ex

SETTINGS = NotifierSettings()
REGISTRATION = RegistrationProgress(
    registration_no="DK-2026-000123", basis_expires_on=ex.LAST_DAY, registered_at=ex.NOON
)


class Shelf:
    """Documents in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(
        self, data: bytes, *, media_type: str, name: str, of: Provenance | None = None
    ) -> DocumentRef:
        sha256 = f"{len(self.kept):064x}"
        self.kept[sha256] = data
        return DocumentRef(sha256=sha256, size=len(data), media_type=media_type, name=name)

    async def is_of(self, sha256: str, of: Provenance) -> bool:
        return sha256 in self.kept

    async def get(self, sha256: str) -> bytes:
        if sha256 not in self.kept:
            raise MissingDocument(sha256)
        return self.kept[sha256]


def contact(name: str = ex.OFFICE) -> Contact:
    licence = ex.licence()
    return Contact(
        office_name=name,
        contact_name=licence.contact_name,
        email=licence.contact_email,
        product_code="qlts",
        zone=ex.ZONE,
        expires_on=ex.LAST_DAY,
    )


def subscription(registration: RegistrationProgress | None = None) -> SubscriptionStatus:
    renewals = {ex.renewal_id(): registration} if registration else {}
    return SubscriptionStatus(
        office_ref="office-1", product_code="qlts", zone=ex.ZONE, expires_on=ex.LAST_DAY, renewals=renewals
    )


def writer(shelf: Shelf | None = None) -> LetterWriter:
    return LetterWriter(
        NoticeWords.of(SETTINGS.products),
        SETTINGS.vendor,
        Portal(SETTINGS.portal_url, SETTINGS.signing_url),
        shelf or Shelf(),
    )


async def letter(
    event: NoticeEvent,
    registration: RegistrationProgress | None = None,
    name: str = ex.OFFICE,
    shelf: Shelf | None = None,
) -> Letter:
    return await writer(shelf).write(
        ex.notice(event), contact(name), subscription(registration), event.recorded_at
    )
