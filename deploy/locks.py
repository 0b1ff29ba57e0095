"""Pins the dependency groups of pyproject.toml into locks/: exact versions with hashes, one file a group.

`python -m deploy.locks` keeps the pins that still fit; `--upgrade` takes the newest versions. A lock doesn't
say from which package index its pins came: everybody uses their own.
The pins of what is shipped follow the development lock's, so that what is tested is what is shipped.
"""

import subprocess
import sys
from pathlib import Path

from deploy import SERVICES

ROOT = Path(__file__).parents[1]
SIGN_TOOL = ("sign-tool", "sign-package")
"""The groups of the signing tool, and of what packages it."""


def compile_lock(group: str, *options: str) -> None:
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "--quiet",
        "--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--python-version", "3.11",
        "--group", group, "-o", f"locks/{group}.txt", *options,
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    print("• locks/dev.txt")
    compile_lock("dev", *upgrade)
    # The peers that `make bench` compares with, and what `make judges` asks, have environments of their own.
    for group in ("bench", "judges"):
        print(f"• locks/{group}.txt")
        compile_lock(group, *upgrade)
    for group in (*SERVICES, *SIGN_TOOL):
        print(f"• locks/{group}.txt")
        compile_lock(group, "--constraint", "locks/dev.txt", *upgrade)


if __name__ == "__main__":
    main()
