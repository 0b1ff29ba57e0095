"""Every document with every sample is PDF/A-3b, by veraPDF."""

from pathlib import Path

import pytest

from tests.support.verapdf import verdicts

pytestmark = pytest.mark.timeout(900)

Files = dict[tuple[str, str], bytes]


def test_every_document_is_pdf_a_3b(files: Files, tmp_path: Path) -> None:
    paths = [tmp_path / f"{kind}-{name}.pdf" for kind, name in files]
    for path, pdf in zip(paths, files.values(), strict=True):
        path.write_bytes(pdf)
    found = verdicts(paths)
    assert set(found) == {path.name for path in paths}
    faults = {name: said["details"]["ruleSummaries"] for name, said in found.items() if not said["compliant"]}
    assert faults == {}
