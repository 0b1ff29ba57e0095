"""Texts for people stand in catalogues, not in Python: no string literal has a Vietnamese letter."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_VIETNAMESE = re.compile(r"[à-ãè-êìíò-õùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
PRODUCT_NAME = "Gia Hạn"
EXCEPTIONS = {
    "deploy/local/demo/paper_walk.py": "what the contract must say, and a sample renewer",
    "deploy/local/people/people.py": "names of the local stack's people",
    "deploy/local/people/pki.py": "the name on the local stack's certificates",
    "deploy/local/platform/tenant.py": "what a platform's people would write",
    "deploy/local/samples": "invented offices",
    "services/notifier/email/letters.py": "letters that a file's name cannot have",
    "services/notifier/settings.py": "examples of products",
    "services/renewal/domain/numbers.py": "the code in a contract's number",
    "services/renewal/domain/money.py": "number words, for contracts in Vietnamese alone",
    "services/renewal/domain/registration/declaration.py": "examples of what an office declares",
    "services/renewal/domain/registration/form_code.py": "letters as an input method writes them",
    "services/renewal/domain/registration/order.py": "a line of the form, which is in Vietnamese alone",
    "services/renewal/render/page.py": "what is in a document, which is in Vietnamese alone",
    "services/renewal/render/preview": "a tool for who writes templates, and its samples",
    "services/renewal/render/wording.py": "how a document writes days and rates, in Vietnamese alone",
    "services/renewal/settings.py": "an example of a vendor, and the choices of number words",
    "services/signing/pades/stamp/appearance.py": "the letters that the stamp's font has",
    "services/signing/pades/uploaded/stamp.py": "labels that other programs write on stamps",
    "shared/text/characters.py": "tables of letters",
    "shared/text/names.py": "a letter that has no mark to take away",
    "shared/text/provinces.py": "names of provinces",
    "shared/vendor.py": "an example of a vendor",
}
"""Files and folders that may have such literals, each with why."""


def _literals(file: Path) -> Iterator[ast.Constant]:
    """The string literals of a file, without docstrings (a string that is a statement)."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    statements = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in statements:
            yield node


def _found() -> Iterator[tuple[str, str]]:
    """The exception that a literal falls under, or nothing; and where it stands."""
    for folder in ("services", "shared", "deploy", "tools"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            name = str(file.relative_to(ROOT))
            under = next((each for each in EXCEPTIONS if name == each or name.startswith(f"{each}/")), "")
            for literal in _literals(file):
                if _VIETNAMESE.search(str(literal.value).replace(PRODUCT_NAME, "")):
                    yield under, f"{name}:{literal.lineno}"


def test_texts_for_people_are_in_catalogues() -> None:
    found = list(_found())
    assert [place for under, place in found if not under] == []
    assert {under for under, _ in found} == set(EXCEPTIONS), "an exception that is needed no more"
