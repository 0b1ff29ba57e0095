"""Has each kind of document that we issue, sign or accept judged by others: `python -m tests.judges`.

The documents are in out/judges, the verdicts in out/judges.json. Exit status 1 if one isn't as expected.
"""

import asyncio
import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.judges.case import DSS, OPENSC, PDFSIG, VERAPDF, Shelf, Verdict
from tests.judges.dss import dss_version
from tests.judges.hearing import judge_all
from tests.judges.parties import make_parties
from tests.judges.token import opensc_version
from tests.judges.uploads import pyhanko_cli_version
from tests.support.poppler import poppler_version
from tests.support.verapdf import verapdf_version

OUT = Path("out/judges.json")


def main() -> int:
    began = time.monotonic()
    folder = OUT.with_suffix("").absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="giahan-judges-") as scratch:
        parties = make_parties(Path(scratch) / "pki")
        verdicts = asyncio.run(judge_all(Shelf(folder), parties, Path(scratch)))
    _write(verdicts)
    wrong = [verdict for verdict in verdicts if not verdict.ok]
    for verdict in wrong:
        print(f"✗ {verdict.file}: {verdict.judge} says {verdict.said!r}, not {verdict.expected!r}")
    print(f"{len(verdicts)} verdicts, {len(wrong)} not as expected; {OUT}; {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


def _write(verdicts: Sequence[Verdict]) -> None:
    versions = {
        DSS: dss_version(),
        VERAPDF: verapdf_version(),
        PDFSIG: f"poppler {poppler_version()}",
        OPENSC: f"OpenSC {opensc_version()}",
        "pyhanko-cli": pyhanko_cli_version(),
        "Python": platform.python_version(),
    }
    found = {"versions": versions, "verdicts": [verdict.model_dump() for verdict in verdicts]}
    OUT.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
