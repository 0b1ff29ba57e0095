"""The vendor as documents name it. It comes from a setting."""

from services.renewal.domain.frozen import Frozen
from shared.text.identifiers import TaxCode
from shared.text.names import Address, OrganisationName, PersonName


class Vendor(Frozen):
    """The vendor's data. Contracts print `place` before their date."""

    name: OrganisationName
    tax_code: TaxCode
    address: Address
    place: PersonName
    representative: PersonName
    title: PersonName
    phone: PersonName
    email: PersonName
    bank: OrganisationName
    bank_account: PersonName
