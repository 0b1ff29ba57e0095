"""How long the documents of a dossier are kept: a legal hold, and a deletion that two people decide."""

from datetime import datetime

from services.renewal.domain.frozen import Frozen


class LegalHold(Frozen):
    """While it stands, nothing of the dossier may be deleted. `confirmed_at`: when somebody last said that it
    is still needed, and why."""

    reason: str
    by: str
    at: datetime
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_because: str | None = None


class DeletionProposal(Frozen):
    """The first person's word. Another one must approve it."""

    reason: str
    by: str
    at: datetime


class DossierDeletion(Frozen):
    """The proof: who deleted what, when and why. `manifest` is the SHA-256 of the manifest that the desk's
    edition had at the approval. `files` are the hashes of the bytes to delete; `shared` those that another
    registration has too, and that stay. Both are looked for again while the bytes are deleted, and say then
    what became of them. `finished_at`: when the last byte was gone."""

    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str
    approved_at: datetime
    manifest: str
    files: tuple[str, ...]
    shared: tuple[str, ...] = ()
    finished_at: datetime | None = None


class DossierRetention(Frozen):
    """`unfinished_since`: the deletion was approved then, and some bytes may still be there."""

    hold: LegalHold | None = None
    proposal: DeletionProposal | None = None
    deletion: DossierDeletion | None = None
    unfinished_since: datetime | None = None
