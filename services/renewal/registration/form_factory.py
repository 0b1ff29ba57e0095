"""Makes a registration's form: it is rendered and stored before the save that refers to it.

What is left behind when the process dies, and what the repeat of the request or message does:

| the process dies                       | left behind                  | the repeat                        |
|----------------------------------------|------------------------------|-----------------------------------|
| before or while rendering              | nothing                      | renders                           |
| rendered, before or while storing      | at most an unreferenced file | renders and stores a form, with   |
|                                        | (collected after a day)      | its own time of issue             |
| stored, before the renewal is saved    | a form nobody refers to      | saves, with a form made later     |
| saved, before the answer or the offset | the renewal and its events   | request: refused, already open;   |
|                                        |                              | message: known, changes nothing   |
"""

from dataclasses import dataclass
from datetime import datetime

from services.renewal.domain import money
from services.renewal.domain.payment.claims.takeover import is_paid_before
from services.renewal.domain.registration.registration import Registration
from services.renewal.domain.vendor import Vendor
from services.renewal.render.conditions import ConditionsArchive
from services.renewal.render.content import FormContent
from services.renewal.render.renderer import Renderer
from services.renewal.stores.receivables import Receivables
from shared.events.base import DocumentRef
from shared.storage.documents import Documents, Provenance

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class FormFactory:
    receivables: Receivables
    renderer: Renderer
    documents: Documents
    vendor: Vendor
    dialect: money.Dialect
    conditions: ConditionsArchive

    async def form(
        self,
        registration: Registration,
        revision: int,
        issued_at: datetime,
        replaced: Registration | None = None,
        *,
        asks: bool = True,
    ) -> DocumentRef:
        """It asks for no transfer where money came, or is said to have been sent, for the registration or for
        the one that it replaces; nor unless `asks`: others that aren't on the form are paid with it."""
        paid = [await self.receivables.of(each) for each in (registration, replaced) if each]
        content = FormContent(
            vendor=self.vendor,
            registration=registration,
            revision=revision,
            issued_at=issued_at,
            conditions_url=self.conditions.url(registration.conditions),
            total_in_words=money.in_words(registration.price, self.dialect),
            asks=asks and not any(is_paid_before(each) for each in paid),
        )
        name = f"phieu-dang-ky-{registration.number}-ban-{revision}.pdf"
        form, of = await self.renderer.form(content), Provenance("form", registration.renewal_id)
        return await self.documents.put(form, media_type=_PDF, name=name, of=of)
