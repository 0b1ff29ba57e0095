"""The baseline for the gate: a bare FastAPI app with motor and the same indexed reads, for uvicorn."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from shared.ids import subscription_id
from shared.storage.mongo import Collection
from tests.bench.bare import database

_kept: dict[str, Collection] = {}
_READ = {"outbox": 0, "trail": 0}


@asynccontextmanager
async def _connected(_: FastAPI) -> AsyncIterator[None]:
    _kept["subscriptions"] = database(os.environ["BARE_MONGO"], os.environ["BARE_DATABASE"])["subscriptions"]
    yield


app = FastAPI(lifespan=_connected)


@app.get("/v1/access/{office_ref}")
async def office(office_ref: str) -> dict[str, Any]:
    found = await _kept["subscriptions"].find({"office_ref": office_ref}, _READ).to_list(None)
    return {"office_ref": office_ref, "products": [_answer(document) for document in found]}


@app.get("/v1/access/{office_ref}/{product_code}")
async def product(office_ref: str, product_code: str) -> dict[str, Any]:
    id = str(subscription_id(office_ref, product_code))
    found = await _kept["subscriptions"].find_one({"_id": id}, _READ)
    return {"office_ref": office_ref, "products": [_answer(found)] if found else []}


def _answer(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("product_code", "stage")}
