"""The vendor as its documents name it. A setting."""

from services.renewal.domain.frozen import Frozen
from shared.text.identifiers import TaxCode
from shared.text.names import Address, OrganisationName, PersonName


class Vendor(Frozen):
    """`place` is written before the contract's date."""

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
