"""Handles the deletion of a renewal's documents: their versions with newer proof and the reports on them go
too, and the signed files that nobody but this service has."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.signing.domain.preservation import PreservedFile
from services.signing.preservation.files import PreservedFiles
from services.signing.store import Forms
from shared.events.dossier import DossierDeleted
from shared.messaging.routes import Routes
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Cause
from shared.storage.documents import MongoDocuments


@dataclass(frozen=True, slots=True)
class PreservationHandlers:
    files: PreservedFiles
    documents: MongoDocuments
    forms: Forms

    def add_to(self, routes: Routes) -> None:
        routes.once(DossierDeleted, self.delete_versions)

    async def delete_versions(self, event: DossierDeleted, cause: Cause) -> None:
        """Deletes the versions and reports of the files that the event names, and the files that the
        registration never filed, with theirs. The bytes go before the list forgets them. If the process dies
        in between, the message comes again and finds the rest.

        Raises Unproven where a named file is still stored: an event alone must not delete any proof.
        """
        if await self.documents.find_stored(event.files):
            raise Unproven("a dossier that is not deleted")
        named = await self._named(event)
        for file in named:
            await self._delete(file, cause)
        for renewal_id in await self._find_proven(event, named):
            for file in await self.files.of_renewal(renewal_id):
                if await self._is_unfiled(file, event):
                    await self.documents.forget(file.document.sha256)
                    await self._delete(file, cause)

    async def _named(self, event: DossierDeleted) -> list[PreservedFile]:
        """The listed files that the event names. The signed form of a joint registration is listed for its
        lead, and may go last with another product."""
        ours = {file.document.sha256: file for file in await self.files.of_renewal(event.renewal_id)}
        found = [ours.get(sha256) or await self.files.find(sha256) for sha256 in event.files]
        return [
            file
            for file in found
            if file and (file.renewal_id == event.renewal_id or file.office_ref == event.office_ref)
        ]

    async def _find_proven(self, event: DossierDeleted, named: Iterable[PreservedFile]) -> set[UUID]:
        """The registrations whose form, as this service itself knows it, is among the files, which are gone.
        Then their dossier is deleted, whoever sent the event. The dossier of a lead may have gone before, and
        its form with this joined product's."""
        form = await self.forms.get(event.renewal_id)
        if event.shared is None or form is None:
            return set()
        asked = {event.renewal_id, *(file.renewal_id for file in named)}
        known = [await self.forms.get(id) for id in {*asked, form.lead_id} if id]
        return {
            each.renewal_id
            for each in known
            if each and each.form.sha256 in event.files and each.office_ref == form.office_ref
        }

    async def _is_unfiled(self, file: PreservedFile, event: DossierDeleted) -> bool:
        """A signature that came after the registration was closed, say. What another registration has too
        stays."""
        sha256 = file.document.sha256
        if event.shared is None or sha256 in (*event.files, *event.shared):
            return False
        stored = await self.documents.find_provenance([sha256])
        owners = {str(of.id) for of in stored.get(sha256, ())}
        return sha256 not in stored or owners == {str(file.renewal_id)}

    async def _delete(self, file: PreservedFile, cause: Cause) -> None:
        """The list forgets the versions and reports that are gone, no others: one may be added meanwhile."""
        found: PreservedFile | None = file
        while found and not found.deleted_at:
            for version in found.versions:
                await self.documents.forget(version.document.sha256)
            for report in found.reports:
                await self.documents.forget(report)
            if await self.files.record_deletion(found, cause):
                return
            found = await self.files.find(file.document.sha256)
