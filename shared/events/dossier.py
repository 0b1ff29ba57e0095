"""Events of the renewal service, on topic `renewal.events`: what becomes of a renewal's documents."""

from typing import ClassVar
from uuid import UUID

from shared.events.base import Event, Sha256


class DossierDeleted(Event):
    """The documents of a registration were deleted once they need not be kept any more; two people of the
    desk decided it. Who keeps more of the same documents deletes that too. `manifest` is the SHA-256 of the
    dossier's manifest before, `files` are those of the deleted bytes, `shared` those of documents that stay,
    since another registration has them too; None in events of older releases."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.dossier_deleted.v1"

    renewal_id: UUID
    registration_no: str
    manifest: Sha256
    files: tuple[Sha256, ...]
    shared: tuple[Sha256, ...] | None = None
