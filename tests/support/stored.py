"""All aggregates of the services, with a complete document of each, made from its model's schema."""

import importlib
import pkgutil
from collections.abc import Iterator
from inspect import isabstract
from typing import Any

import services
from shared.storage.aggregate import State
from tests.contracts.golden import Json
from tests.contracts.specimen import specimen

_BY_TYPE: dict[tuple[str, str], Any] = {
    ("Sheet", "code"): None,
}


def aggregates() -> list[type[State]]:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_kinds(State), key=lambda model: (model.__module__, model.__name__))


def _kinds(model: type[State]) -> Iterator[type[State]]:
    for kind in model.__subclasses__():
        if kind.__module__.startswith("services.") and not isabstract(kind):
            yield kind
        yield from _kinds(kind)


def document(model: type[State]) -> Json:
    own = {name: value for (kind, name), value in _BY_TYPE.items() if kind == model.__name__}
    return specimen(model.model_json_schema()) | own
