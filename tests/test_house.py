"""What keeps the code readable, held by a check: sizes, one meaning a class name, paths that exist, one name
for a thing on screen."""

import ast
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from services.renewal.domain.flow import RegistrationStatus
from shared.text.i18n import LANGUAGES, read_texts

ROOT = Path(__file__).parents[1]
PRODUCT = ("shared", "services", "deploy", "tools")
MOST_LINES = 300
MOST_LINES_OF_MAIN = 150
MOST_LINES_OF_A_FUNCTION = 50
MOST_MODULES_OF_A_FOLDER = 15
MOST_FILES_OF_A_RENEWAL = 25
_PLACEHOLDER = re.compile(r"/[A-Z]+\b")
SAME_MEANING = {
    "Frozen": "the base of a domain's values; no domain imports another's",
    "TooLarge": "something is larger than its place takes",
}
"""Class names that more than one package may have, each with why."""


def _modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))


def _lines(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def test_no_module_is_too_long() -> None:
    files = [file for folder in PRODUCT for file in (ROOT / folder).rglob("*.py")]
    long = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def test_no_folder_has_too_many_modules() -> None:
    rows = Counter(file.parent for file, _ in _modules(*PRODUCT) if file.name != "__init__.py")
    assert {str(folder): count for folder, count in rows.items() if count > MOST_MODULES_OF_A_FOLDER} == {}


def test_every_composition_root_reads_like_a_table_of_contents() -> None:
    roots = [*ROOT.glob("services/*/main.py")]
    assert roots
    assert [str(file) for file in roots if len(file.read_text().splitlines()) > MOST_LINES_OF_MAIN] == []


def test_no_function_is_too_long() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        f"{file}:{node.name}": _lines(node)
        for file, tree in _modules(*PRODUCT)
        for node in ast.walk(tree)
        if isinstance(node, functions) and _lines(node) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_one_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file, tree in _modules(*PRODUCT):
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(file))
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: found for name, found in twice.items() if name not in SAME_MEANING} == {}
    assert SAME_MEANING.keys() <= twice.keys(), "an exception that is needed no more"


@pytest.mark.parametrize("folder", ["docs/examples", "tests", *PRODUCT])
def test_nobody_imports_a_test(folder: str) -> None:
    found = [
        f"{file}:{node.lineno}"
        for file, tree in _modules(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(part.startswith("test_") for name in _imported(node) for part in name.split("."))
    ]
    assert found == []


def _pages() -> list[Path]:
    """The pages that describe the present code. The change log names files of earlier versions too."""
    first = [ROOT / name for name in ("README.md", "README.vi.md", "CONTRIBUTING.md")]
    return [*first, *(ROOT / "docs").rglob("*.md")]


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    return [f"{module}.{alias.name}" for alias in node.names]


def test_every_path_that_a_page_names_exists() -> None:
    named = re.compile(r"`((?:services|shared|deploy|tools|tests|docs|locks)/[\w./-]*\w)`")
    missing = {
        f"{page.relative_to(ROOT)}: {path}"
        for page in _pages()
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists() and not _PLACEHOLDER.search(path)
    }
    assert missing == set()


def test_every_module_that_a_page_names_by_its_end_exists() -> None:
    """Pages also name modules without their root: `stages/schedule.py`, `test_house.py`."""
    named = re.compile(r"`([\w./-]*\w\.py)`")
    roots = (*PRODUCT, "tests", "docs")
    modules = [
        "/" + str(file.relative_to(ROOT)) for folder in roots for file in (ROOT / folder).rglob("*.py")
    ]
    missing = {
        f"{page.relative_to(ROOT)}: {path}"
        for page in _pages()
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not any(module.endswith("/" + path) for module in modules) and not _PLACEHOLDER.search(path)
    }
    assert missing == set()


@pytest.mark.parametrize("page", ["README.md", "README.vi.md"])
def test_one_renewal_leads_through_few_files(page: str) -> None:
    """Each is opened once, and an event that a row names stands in one of the row's files."""
    rows = [
        (re.findall(r"`([A-Z]\w+)`", row), re.findall(r"`((?:services|shared)/[\w/]+\.py)`", row))
        for row in (ROOT / page).read_text(encoding="utf-8").splitlines()
        if row.startswith("|") and ".py`" in row
    ]
    files = [file for _, named in rows for file in named]
    assert 0 < len(files) <= MOST_FILES_OF_A_RENEWAL
    assert [file for file, times in Counter(files).items() if times > 1] == []
    absent = {
        event
        for events, named in rows
        for event in events
        if not any(event in (ROOT / file).read_text(encoding="utf-8") for file in named)
    }
    assert absent == set()


def test_every_link_between_pages_leads_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = {
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    }
    assert broken == set()


def test_every_term_of_the_glossary_is_in_the_code() -> None:
    page = (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8")
    names = re.findall(r"\| `([\w.]+)`", page)
    assert len(names) >= 30
    assert [name for name in names if not _is_defined(name)] == []


def test_words_on_screen_are_those_of_the_glossary() -> None:
    page = (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w/]+): (\S+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    shown = {
        (folder, language): read_texts(ROOT / folder / f"texts/{language}.toml")
        for folder in {folder for folder, *_ in rows}
        for language in LANGUAGES
    }
    assert rows == [(at, key, shown[at, "vi"].get(key), shown[at, "en"].get(key)) for at, key, *_ in rows]
    listed = {key.removeprefix("status.") for _, key, *_ in rows if key.startswith("status.")}
    assert listed == set(RegistrationStatus)


def _is_defined(name: str) -> bool:
    """Whether `package.module.Class` or `package.module.Class.attribute` can be imported."""
    with suppress(AttributeError, ModuleNotFoundError):
        pkgutil.resolve_name(name)
        return True
    return False
