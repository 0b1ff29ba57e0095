"""HTTP: the desk searches for registrations and offices."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.renewal.desk.office_search import FoundOffice, OfficeSearch
from services.renewal.desk.search import RegistrationSearch
from services.renewal.rest.views import FoundView
from shared.events.base import Stage
from shared.web.people import Person, Role, TokenVerifier, require_person

Sought = Annotated[str, Query(min_length=1, max_length=400)]


class FoundProductView(BaseModel):
    product_code: str
    stage: Stage
    expires_on: date


class FoundOfficeView(BaseModel):
    """An office that the search found, registered or not, with its products."""

    office_ref: str
    name: str
    tax_code: str | None
    budget_code: str | None
    contact_name: str
    contact_phone: str
    contact_email: str
    products: list[FoundProductView]

    @classmethod
    def of(cls, office: FoundOffice) -> Self:
        products = [
            FoundProductView(product_code=each.product_code, stage=each.stage, expires_on=each.expires_on)
            for each in office.licences
        ]
        known = office.first.model_dump(include=set(cls.model_fields))
        return cls(**known, products=products)


def search_routes(search: RegistrationSearch, offices: OfficeSearch, verifier: TokenVerifier) -> APIRouter:
    routes = APIRouter(prefix="/v1/desk")
    clerk = Depends(require_person(verifier, Role.DESK))

    @routes.get("/find")
    async def find(q: Sought, who: Annotated[Person, clerk]) -> list[FoundView]:
        """Finds registrations by a form's code, a number, a tax code or the office's name: at most 50, the
        newest first."""
        return [FoundView.of(stored.state) for stored in await search.find(q)]

    @routes.get("/offices")
    async def find_offices(q: Sought, who: Annotated[Person, clerk]) -> list[FoundOfficeView]:
        """Finds offices, registered or not, by name, tax or budget code, phone, e-mail or office code: at
        most 50."""
        return [FoundOfficeView.of(office) for office in await offices.find(q)]

    return routes
