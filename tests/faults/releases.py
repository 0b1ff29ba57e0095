"""An earlier release, with its own locked dependencies, to run beside this one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack.component import ROOT, Component

OLD = "e1a55bc17243645e157885764d37e8f18c00ee32"
"""The first that keeps what it doesn't know (ADR 0012). Move it on with each release."""


@dataclass(frozen=True, slots=True)
class Release:
    """The code of `commit` below .run/releases, where it has an environment of its own."""

    commit: str

    @property
    def folder(self) -> Path:
        return ROOT / ".run" / "releases" / self.commit[:12]

    def prepare(self) -> None:
        """Check it out and install what its locks name. Done before: quick. Needs the commit in this
        repository. Raises CalledProcessError."""
        if not self.folder.exists():
            _run(["git", "worktree", "prune"], ROOT)
            _run(["git", "worktree", "add", "--force", "--detach", str(self.folder), self.commit], ROOT)
        _run(["deploy/local/bootstrap"], self.folder, {"GIAHAN_KAFKA": "theirs", "GIAHAN_MONGO": "theirs"})

    def start(self, component: Component) -> None:
        """Start this release's service in place of the one that ran; waits until it is ready."""
        component.process.kill()
        name = component.module.removesuffix(".main")
        python = self.folder / ".venv" / "bin" / "python"
        command = ["env", "-C", str(self.folder), str(python), "-m", name]
        component.process.start(command, component.env, tied=component.tied)
        component.wait_ready()


def _run(command: list[str], folder: Path, env: dict[str, str] | None = None) -> None:
    subprocess.run(command, cwd=folder, env={**os.environ, **(env or {})}, check=True, stdout=sys.stderr)
