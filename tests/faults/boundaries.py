"""Finds every call of a driver method in the source, so that each can be checked to have a crash point."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.drivers import METHODS, OURS

ROOT = Path(__file__).parents[2]
SOURCES = ("shared", "services")
_TOOLS = ("services/renewal/render/preview",)
"""Tools for developers: no service loads them, and nothing depends on how they end."""


@dataclass(frozen=True, slots=True, order=True)
class Boundary:
    """A call of a driver method. `function` is the qualified name of the innermost `def` around the call."""

    module: str
    function: str
    method: str


def in_project(root: Path = ROOT) -> Iterator[Boundary]:
    """One Boundary for each call, so two equal calls in one function appear twice."""
    for source in SOURCES:
        for file in sorted((root / source).rglob("*.py")):
            if file.relative_to(root).as_posix().startswith(_TOOLS):
                continue
            module = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            yield from in_source(module, file.read_text(encoding="utf-8"))


def in_source(module: str, text: str) -> Iterator[Boundary]:
    yield from _Finder(module).found(ast.parse(text))


@dataclass(frozen=True, slots=True)
class _Finder:
    module: str
    within: tuple[str, ...] = ()

    def found(self, node: ast.AST) -> Iterator[Boundary]:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.Call(func=ast.Attribute(value=receiver, attr=method)) if _drives(receiver, method):
                    yield Boundary(self.module, ".".join(self.within).removesuffix(".<locals>"), method)
            yield from self._inside(child).found(child)

    def _inside(self, node: ast.AST) -> "_Finder":
        """The finder for the children of `node`. Lambdas and comprehensions count as the function around
        them."""
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                return _Finder(self.module, (*self.within, name, "<locals>"))
            case ast.ClassDef(name=name):
                return _Finder(self.module, (*self.within, name))
        return self


def _drives(receiver: ast.expr, method: str) -> bool:
    return method in METHODS and _name(receiver) not in OURS.get(method, ())


def _name(receiver: ast.expr) -> str:
    """The last word of the receiver: `line` of `self._line`, `collection` of `of(x)`."""
    match receiver:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
        case ast.Call(func=called):
            return _name(called)
        case ast.Subscript(value=value):
            return _name(value)
    return ""
