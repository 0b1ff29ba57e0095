"""Generates docs/reference: events.md and asyncapi.yaml from the events' models, and a page
of each long flow from its table.

`python -m deploy.reference` writes the files; `--check` only says whether they are up to date.
"""

import sys
from pathlib import Path

from deploy.reference import commitment, deletion, flow, invoice, payment
from deploy.reference.asyncapi import document
from deploy.reference.events import page
from deploy.texts import line

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def drift(reference: Path) -> list[str]:
    """The names of the generated files that differ from those in `reference`."""
    files = generated()
    return [name for name, text in files.items() if _read(reference / name) != text]


def generated() -> dict[str, str]:
    return {
        "events.md": page(),
        "asyncapi.yaml": document(),
        "flow.md": flow.page(),
        "commitment.md": commitment.page(),
        "payment.md": payment.page(),
        "invoice.md": invoice.page(),
        "deletion.md": deletion.page(),
    }


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def main() -> int:
    stale = drift(REFERENCE)
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"✗ docs/reference/{name} {line('reference.stale')}")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in generated().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        changed = f" ({line('reference.changed')})" if name in stale else ""
        print(f"• docs/reference/{name}{changed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
