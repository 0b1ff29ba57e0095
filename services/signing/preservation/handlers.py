"""Handles the deletion of a renewal's documents: their versions with newer proof go too."""

from dataclasses import dataclass

from services.signing.preservation.files import PreservedFiles
from shared.events.dossier import DossierDeleted
from shared.messaging.routes import Routes
from shared.resilience.errors import Unproven
from shared.storage.aggregate import Cause
from shared.storage.documents import MongoDocuments


@dataclass(frozen=True, slots=True)
class PreservationHandlers:
    files: PreservedFiles
    documents: MongoDocuments

    def add_to(self, routes: Routes) -> None:
        routes.once(DossierDeleted, self.delete_versions)

    async def delete_versions(self, event: DossierDeleted, cause: Cause) -> None:
        """Only versions of files that the event names are deleted. The versions' bytes go before the list
        forgets them. If the process dies in between, the message comes again and finds the rest.

        Raises Unproven where a named file is still stored: an event alone must not delete any proof.
        """
        if await self.documents.find_stored(event.files):
            raise Unproven("a dossier that is not deleted")
        for file in await self.files.of_renewal(event.renewal_id):
            if file.document.sha256 not in event.files:
                continue
            for version in file.versions:
                await self.documents.forget(version.document.sha256)
            await self.files.record_deletion(file.document.sha256, cause)
