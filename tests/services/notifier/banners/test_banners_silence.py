"""While the database does not answer, the last banner is repeated at once; without one, the office has to
wait."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest
from fastapi import FastAPI

from services.notifier.banners import rest
from services.notifier.domain.subscription_status import SubscriptionStatus
from services.notifier.portal import Portal
from services.notifier.words import Bilingual, NoticeWords
from shared.events.base import Stage
from shared.storage import last_known
from shared.storage.projection import Projection
from shared.web import problems
from tests.services.notifier import examples as ex
from tests.support.clock import FixedClock
from tests.support.service_process import client_of

_PRODUCTS = {"qlts": Bilingual(vi="Phần mềm Quản lý tài sản", en="QLTS asset management")}


class StatusQuery:
    def __init__(self) -> None:
        self.silent = False

    async def find(self, query: Mapping[str, Any]) -> list[SubscriptionStatus]:
        if self.silent:
            await asyncio.Event().wait()
        locked = SubscriptionStatus(
            office_ref=query["office_ref"],
            product_code="qlts",
            stage=Stage.LOCKED,
            zone="Asia/Ho_Chi_Minh",
            expires_on=ex.LAST_DAY,
        )
        return [locked]


async def test_last_banner_is_repeated_with_a_warning_and_an_unknown_office_has_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(last_known, "_READ_SECONDS", 0.05)
    standings, app = StatusQuery(), FastAPI()
    problems.install(app)
    statuses = cast("Projection[SubscriptionStatus]", standings)
    clock = FixedClock(ex.on(-5))
    app.include_router(
        rest.router(statuses, NoticeWords.of(_PRODUCTS), Portal("https://p.example/r"), clock, 10)
    )
    async with client_of(app) as client:
        fresh = await client.get("/v1/banners", params={"office_ref": "office-1"})
        assert (fresh.status_code, len(fresh.json()), "warning" in fresh.headers) == (200, 1, False)
        standings.silent = True
        stale = await client.get("/v1/banners", params={"office_ref": "office-1"})
        assert stale.json() == fresh.json()
        assert stale.headers["warning"].startswith("110 ")
        unknown = await client.get("/v1/banners", params={"office_ref": "office-2"})
        assert (unknown.status_code, "retry-after" in unknown.headers) == (503, True)
        assert "ghi nhận" not in unknown.json()["title"]
