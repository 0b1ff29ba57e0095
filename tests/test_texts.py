"""Texts for people stand in catalogues, not in Python: no string literal has a Vietnamese letter. In all
of them one thing has one name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_VIETNAMESE = re.compile(r"[à-ãè-êìíò-õùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
PRODUCT_NAME = "Gia Hạn"
EXCEPTIONS = {
    "deploy/local/demo/walks/paper_walk.py": "what the contract must say, and a sample renewer",
    "deploy/local/people/people.py": "names of the local stack's people",
    "deploy/local/people/pki.py": "the name on the local stack's certificates",
    "deploy/local/platform/tenant.py": "what a platform's people would write",
    "deploy/local/samples": "invented offices",
    "services/notifier/email/letters.py": "letters that a file's name cannot have",
    "services/notifier/settings.py": "examples of products",
    "services/renewal/domain/numbers.py": "the code in a contract's number",
    "services/renewal/domain/money.py": "number words, for contracts in Vietnamese alone",
    "services/renewal/payment/pages/form.py": "how people write the currency",
    "services/renewal/domain/registration/declaration.py": "examples of what an office declares",
    "services/renewal/domain/registration/form_code.py": "letters as an input method writes them",
    "services/renewal/domain/registration/order.py": "a line of the form, which is in Vietnamese alone",
    "services/renewal/render/page.py": "what is in a document, which is in Vietnamese alone",
    "services/renewal/render/preview": "a tool for who writes templates, and its samples",
    "services/renewal/render/wording.py": "how a document writes days and rates, in Vietnamese alone",
    "services/renewal/settings.py": "an example of a vendor, and the choices of number words",
    "services/signing/pades/stamp/appearance.py": "the letters that the stamp's font has",
    "services/signing/pades/uploaded/stamp.py": "labels that other programs write on stamps",
    "shared/text/amounts.py": "the sign of the đồng",
    "shared/text/characters.py": "tables of letters",
    "shared/text/names.py": "a letter that has no mark to take away",
    "shared/text/provinces.py": "names of provinces",
    "shared/vendor.py": "an example of a vendor",
}
"""Files and folders that may have such literals, each with why."""

OTHER_NAMES = {
    "thiết bị chữ ký số": "thiết bị ký số",
    "usb ký số": "thiết bị ký số",
    "bộ phận gia hạn": "bàn gia hạn",
    "phòng gia hạn": "bàn gia hạn",
    "nơi cấp": "nhà cung cấp chữ ký số",
    "tổ chức cấp": "tổ chức chứng thực",
    "phần mềm ký số": "công cụ ký số",
    "đơn đăng ký": "phiếu đăng ký",
    "chữ ký điện tử": "chữ ký số",
    "gửi cách khác": "chọn cách gửi khác",
}
"""Words that no text for people has, each with the glossary's name for the same thing."""
VIETNAMESE_TEXTS = ("**/texts/*vi.toml", "**/templates/**/*.html", "**/*.py")


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


def _vietnamese_pages() -> Iterator[Path]:
    for folder in ("services", "shared", "deploy", "tools"):
        for pattern in VIETNAMESE_TEXTS:
            yield from (ROOT / folder).glob(pattern)
    yield from (ROOT / "docs").rglob("*.vi.md")
    yield from (ROOT / "README.vi.md", ROOT / "docs/reference/glossary.md")


def test_one_thing_has_one_name() -> None:
    found = [
        f"{page.relative_to(ROOT)}: {word}; say {name}"
        for page in sorted(_vietnamese_pages())
        for text in (page.read_text(encoding="utf-8").lower(),)
        for word, name in OTHER_NAMES.items()
        if word in text
    ]
    assert found == []
