"""Handles the deletion of a renewal's documents: their versions with newer proof go too, and the signed files
that nobody but this service has."""

from dataclasses import dataclass

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
        """Deletes the versions of the files that the event names, and the files that the registration never
        filed, with theirs. The bytes go before the list forgets them. If the process dies in between, the
        message comes again and finds the rest.

        Raises Unproven where a named file is still stored: an event alone must not delete any proof.
        """
        if await self.documents.find_stored(event.files):
            raise Unproven("a dossier that is not deleted")
        with_unfiled = await self._is_proven(event)
        ours = await self.files.of_renewal(event.renewal_id)
        for file in ours:
            if file.document.sha256 in event.files:
                await self._delete(file, cause)
            elif with_unfiled and await self._is_unfiled(file, event):
                await self.documents.forget(file.document.sha256)
                await self._delete(file, cause)
        for sha256 in set(event.files).difference(file.document.sha256 for file in ours):
            if shared := await self._signed_with_lead(sha256, event):
                await self._delete(shared, cause)

    async def _signed_with_lead(self, sha256: str, event: DossierDeleted) -> PreservedFile | None:
        """The form of a joint registration is listed for its lead, and may go last with another product."""
        found = await self.files.find(sha256)
        return found if found and found.office_ref == event.office_ref else None

    async def _is_proven(self, event: DossierDeleted) -> bool:
        """Whether the form that this service itself knows is among the files, which are gone. Then the
        dossier is deleted, whoever sent the event."""
        form = await self.forms.get(event.renewal_id)
        return event.shared is not None and form is not None and form.form.sha256 in event.files

    async def _is_unfiled(self, file: PreservedFile, event: DossierDeleted) -> bool:
        """A signature that came after the registration was closed, say. What another registration has too
        stays."""
        sha256 = file.document.sha256
        if event.shared is None or sha256 in event.shared:
            return False
        stored = await self.documents.find_provenance([sha256])
        owners = {str(of.id) for of in stored.get(sha256, ())}
        return sha256 not in stored or owners == {str(event.renewal_id)}

    async def _delete(self, file: PreservedFile, cause: Cause) -> None:
        """The list forgets the versions that are gone, no others: one may be added meanwhile."""
        found: PreservedFile | None = file
        while found and not found.deleted_at:
            for version in found.versions:
                await self.documents.forget(version.document.sha256)
            if await self.files.record_deletion(found, cause):
                return
            found = await self.files.find(file.document.sha256)
