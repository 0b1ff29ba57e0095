"""Checks a dossier: whether anything in its archive was changed, added or taken away since it was made."""

import argparse
import sys
from io import TextIOWrapper
from pathlib import Path

from tools.dossier.archive import BadArchive, read_archive
from tools.dossier.check import DossierCheck, check_dossier
from tools.dossier.texts import words

INTACT, CHANGED, UNREADABLE, INCOMPLETE = 0, 1, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 intact; 1 changed; 2 no dossier, or arguments that can't be used; 3 intact, but made
    while papers were missing already."""
    _print_every_letter()
    options = _parser().parse_args(arguments)
    try:
        with Path(options.file).open("rb") as file, read_archive(file) as archive:
            found = check_dossier(archive)
    except BadArchive as error:
        print(words("unreadable", error.reason, **error.values).line, file=sys.stderr)
        return UNREADABLE
    except OSError as error:
        print(words("unreadable", "file", what=error.strerror or "?").line, file=sys.stderr)
        return UNREADABLE
    _tell(found)
    if found.findings:
        return CHANGED
    return INCOMPLETE if found.missing else INTACT


def _print_every_letter() -> None:
    """A console's own code page may lack our letters, and a failed print would look like a finding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="giahan-dossier", description=__doc__)
    commands = parser.add_subparsers(required=True)
    verify = commands.add_parser("verify", help="check the ZIP of a dossier")
    verify.add_argument("file", metavar="FILE.zip")
    return parser


def _tell(found: DossierCheck) -> None:
    """The findings, or what is proven; then the manifest's hash and what is not proven."""
    for finding in found.findings:
        print("✗", words("finding", finding.kind, where=finding.where).line)
    for where in found.missing:
        print("!", words("finding", "missing", where=where).line)
    if not found.findings:
        print("✓", words("proof", "intact", no=found.number, files=found.files, entries=found.entries).line)
        print(words("proof", f"edition_{found.edition}").line)
    print(words("proof", "manifest", digest=found.digest).line)
    print(words("proof", "not_proven").line)
