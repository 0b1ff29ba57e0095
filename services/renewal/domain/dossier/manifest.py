"""The manifest: what is in the archive of a dossier, what is missing from it, and how it is checked.

`tools/dossier` reads it without this code. A field may be added; `format` changes where its meaning does.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, Self
from uuid import UUID

from services.renewal.domain.dossier.facts import DossierEdition, DossierFacts
from services.renewal.domain.dossier.papers import DossierPaper, PaperSource
from services.renewal.domain.dossier.records import audit_path, canonical
from services.renewal.domain.frozen import Frozen
from shared.audit.entries import ZEROS, AuditEntry

FORMAT = "giahan-dossier-1"


class ManifestFile(Frozen):
    """A file of the archive."""

    path: str
    size: int
    sha256: str

    @classmethod
    def of(cls, path: str, data: bytes) -> Self:
        return cls(path=path, size=len(data), sha256=sha256(data).hexdigest())


class ManifestPaper(Frozen):
    """A paper of the registration. `path` null: its bytes are missing, or aren't those of `sha256` any more;
    the archive then lacks it. `about`: the hash of the document on which a validation report reports."""

    what: str
    revision: int | None
    filed_at: datetime
    void: bool
    source: PaperSource
    name: str
    media_type: str
    size: int
    sha256: str
    path: str | None
    about: str | None = None

    @classmethod
    def of(cls, paper: DossierPaper, missing: Collection[str]) -> Self:
        facts = paper.model_dump(include={"what", "revision", "filed_at", "void", "source", "about"})
        path = None if paper.document.sha256 in missing else paper.path
        return cls(**facts, **paper.document.model_dump(), path=path)


class ManifestChain(Frozen):
    """The audit entries of one aggregate. `last` is the hash of the last one. `whole`: the entries have all
    that their hashes cover; otherwise only the links between them can be checked."""

    aggregate: str
    path: str
    entries: int
    last: str
    whole: bool

    @classmethod
    def of(cls, aggregate: str, chain: tuple[AuditEntry, ...], *, whole: bool) -> Self:
        last = chain[-1].hash if chain else ZEROS
        return cls(
            aggregate=aggregate, path=audit_path(aggregate), entries=len(chain), last=last, whole=whole
        )


class KeptElsewhere(Frozen):
    """What belongs to the dossier, and another service keeps: the report on a document of which none was
    published yet, and what the e-mails said. `of`: the SHA-256 of the document that it is
    about, or null."""

    what: Literal["validation_report", "mails"]
    of: str | None = None


class DossierManifest(Frozen):
    """`as_of`: when the newest of its facts became so. The manifest and the index aren't among `files`."""

    format: str = FORMAT
    edition: DossierEdition
    renewal_id: UUID
    registration_no: str
    office_ref: str
    product_code: str
    as_of: datetime
    files: tuple[ManifestFile, ...]
    papers: tuple[ManifestPaper, ...]
    chains: tuple[ManifestChain, ...]
    elsewhere: tuple[KeptElsewhere, ...]

    @classmethod
    def of(
        cls,
        facts: DossierFacts,
        edition: DossierEdition,
        missing: Collection[str],
        records: Mapping[str, bytes],
    ) -> Self:
        """`missing`: the hashes of the papers whose bytes can't be had. `records`: the record files."""
        made, papers = facts.renewal.registration, facts.papers
        here = {p.path: p.document for p in papers if p.document.sha256 not in missing}
        documents = [ManifestFile(path=path, size=d.size, sha256=d.sha256) for path, d in here.items()]
        whole = edition is DossierEdition.DESK
        return cls(
            edition=edition,
            renewal_id=made.renewal_id,
            registration_no=made.number,
            office_ref=made.office_ref,
            product_code=made.product_code,
            as_of=facts.as_of,
            files=(*documents, *(ManifestFile.of(path, data) for path, data in records.items())),
            papers=tuple(ManifestPaper.of(paper, missing) for paper in papers),
            chains=tuple(ManifestChain.of(name, c, whole=whole) for name, c in facts.chains.items()),
            elsewhere=cls.kept_elsewhere(facts),
        )

    @staticmethod
    def kept_elsewhere(facts: DossierFacts) -> tuple[KeptElsewhere, ...]:
        signed = dict.fromkeys(paper.document.sha256 for paper in facts.papers if paper.is_signed_digitally)
        unreported = [sha for sha in signed if sha not in facts.reports]
        return (
            *(KeptElsewhere(what="validation_report", of=sha) for sha in unreported),
            KeptElsewhere(what="mails"),
        )

    def bytes(self) -> bytes:
        """The file `manifest.json`."""
        content: dict[str, Any] = self.model_dump(mode="json")
        return canonical(content)
