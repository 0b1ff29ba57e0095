"""HTTP: the desk looks for registrations."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.renewal.finding import Finding
from services.renewal.rest.views import FoundView
from shared.people import Keys, Person, Role, asking

Sought = Annotated[str, Query(min_length=1, max_length=400)]


def finding(findings: Finding, keys: Keys) -> APIRouter:
    routes = APIRouter(prefix="/v1/desk")
    clerk = Depends(asking(keys, Role.DESK))

    @routes.get("/find")
    async def find(q: Sought, who: Annotated[Person, clerk]) -> list[FoundView]:
        """By a form's code, a number, a tax code or the office's name; 50 at most, the newest first."""
        return [FoundView.of(stored.state) for stored in await findings.find(q)]

    return routes
