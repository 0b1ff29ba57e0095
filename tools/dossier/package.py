"""Makes the tool one file, which any computer with Python 3.11 runs: a zip application.

`python -m tools.dossier.package [--to FILE]` writes it where the renewal service offers it; `--check` only
says whether it is up to date. The same sources give the same bytes.
"""

import argparse
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tools.dossier.texts import words

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "services/renewal/dossier/tool/kiem-tra-ho-so.pyz"
_SHEBANG = b"#!/usr/bin/env python3\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16
_START = """import sys

if sys.version_info < (3, 11):
    sys.exit({old!r})

from tools.dossier.main import main

sys.exit(main())
"""


def package() -> bytes:
    """The zip application. Its files are stored without compression, in the order of their names."""
    file = io.BytesIO()
    file.write(_SHEBANG)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        for name, data in _files():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, data)
    return file.getvalue()


def main() -> int:
    """0; 1 if `--check` finds the file out of date."""
    parser = argparse.ArgumentParser(prog="tools.dossier.package", description=__doc__)
    parser.add_argument("--to", type=Path, default=TARGET, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    made, name = package(), options.to.name
    if options.check:
        is_current = options.to.is_file() and options.to.read_bytes() == made
        if not is_current:
            print("✗", words("package", "stale", name=name).line)
        return 0 if is_current else 1
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_bytes(made)
    print("•", words("package", "made", name=name, size=len(made)).line)
    return 0


def _files() -> Iterator[tuple[str, bytes]]:
    yield "__main__.py", _START.format(old=words("package", "old").line).encode()
    own, folder = Path(__file__), Path(__file__).parent
    sources = [folder.parent / "__init__.py", *folder.glob("*.py"), *folder.glob("texts/*.toml")]
    for source in sorted(sources):
        if source != own and source.name != "__main__.py":
            yield source.relative_to(ROOT).as_posix(), source.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
