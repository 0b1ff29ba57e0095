"""HTTP: subscriptions as the vendor's people see and change them (docs/reference/subscriptions.md)."""

from fastapi import APIRouter

from services.subscription.rest import (
    concessions,
    decisions,
    deletions,
    reading,
    recoveries,
    releases,
    stating,
)
from services.subscription.rest.changes import Changes
from services.subscription.rest.claims import Claims
from services.subscription.rest.releases import HeldRows, Releases
from shared.people import Keys


def routers(changes: Changes, claims: Claims, rows: HeldRows, keys: Keys) -> list[APIRouter]:
    return [
        reading.router(changes.subscriptions, keys),
        stating.router(changes, claims, keys),
        *(module.router(changes, keys) for module in (concessions, decisions, deletions, recoveries)),
        releases.router(Releases(changes, rows), keys),
    ]
