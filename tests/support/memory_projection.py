"""A projection in memory: it folds as the real one does, and nobody else writes to it."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from typing_extensions import override

from shared.storage.mongo import Document
from shared.storage.projection import Fold, Projection, Seen

M = TypeVar("M", bound=BaseModel)


class _Nowhere:
    name = "memory"


class MemoryProjection(Projection[M]):
    def __init__(self, model: type[M]) -> None:
        nowhere: Any = _Nowhere()
        super().__init__(nowhere, model)
        self.kept: dict[str, Document] = {}

    def only(self) -> M:
        """The one document."""
        [document] = self.kept.values()
        return self._model.model_validate(document, extra="ignore")

    @override
    async def get(self, id: str | UUID) -> M | None:
        document = self.kept.get(str(id))
        return self._model.model_validate(document, extra="ignore") if document else None

    @override
    async def _seen(self, ids: set[str]) -> dict[str, Seen]:
        return {id: dict(self.kept[id]["seen"]) for id in ids if id in self.kept}

    @override
    async def _save(self, folds: Mapping[str, Fold], known: Iterable[str]) -> bool:
        for id, fold in folds.items():
            document = self.kept.setdefault(id, {"seen": {}})
            document["seen"] |= fold.seen
            for path, value in fold.fields.items():
                *steps, name = path.split(".")
                place = document
                for step in steps:
                    place = place.setdefault(step, {})
                place[name] = value
        return True
