"""Compares the archive of a dossier with its manifest, and follows the audit chains in it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tools.dossier.archive import INDEX, MANIFEST, BadArchive, DossierArchive
from tools.dossier.chain import DossierFinding, check_chain
from tools.dossier.manifest import ReadManifest, read_json


@dataclass(frozen=True, slots=True)
class DossierCheck:
    """`digest`: the manifest's SHA-256. `missing`: papers that were missing when the dossier was made.
    `files` and `entries` count what was checked."""

    number: str
    edition: str
    digest: str
    files: int
    entries: int
    missing: tuple[str, ...]
    findings: tuple[DossierFinding, ...]


def check_dossier(archive: DossierArchive) -> DossierCheck:
    """Raises BadArchive where there is no manifest to check with."""
    data = archive.read(MANIFEST) if MANIFEST in archive.paths else None
    index = archive.read(INDEX) if INDEX in archive.paths else None
    if data is None or index is None:
        raise BadArchive("no_manifest")
    manifest, digest = ReadManifest.of(data), sha256(data).hexdigest()
    findings = [
        *_check_files(archive, manifest),
        *_check_papers(manifest),
        *([] if digest.encode() in index else [DossierFinding("index", INDEX)]),
        *_check_chains(archive, manifest),
    ]
    return DossierCheck(
        number=ascii(manifest.number)[1:-1],
        edition=manifest.edition,
        digest=digest,
        files=len(manifest.files),
        entries=sum(chain.entries for chain in manifest.chains),
        missing=tuple(f"{paper.sha256} {paper.name!a}" for paper in manifest.papers if not paper.path),
        findings=tuple(findings),
    )


def _check_files(archive: DossierArchive, manifest: ReadManifest) -> Iterator[DossierFinding]:
    listed = {file.path: file for file in manifest.files}
    if len(listed) != len(manifest.files):
        raise BadArchive("bad_manifest", where="files")
    for path in sorted(archive.paths - listed.keys() - {MANIFEST, INDEX}):
        yield DossierFinding("added", path)
    for path, file in listed.items():
        if path not in archive.paths:
            yield DossierFinding("lacking", ascii(path))
        elif archive.size(path) != file.size or archive.digest(path) != file.sha256:
            yield DossierFinding("changed", path)


def _check_papers(manifest: ReadManifest) -> Iterator[DossierFinding]:
    """Each paper is a file with its hash and size, and each document file is a paper."""
    listed = {file.path: (file.size, file.sha256) for file in manifest.files}
    named = {paper.path for paper in manifest.papers}
    for paper in manifest.papers:
        if paper.path is not None and listed.get(paper.path) != (paper.size, paper.sha256):
            yield DossierFinding("paper", ascii(paper.path))
    for path in listed:
        if path.startswith("documents/") and path not in named:
            yield DossierFinding("paper", ascii(path))


def _check_chains(archive: DossierArchive, manifest: ReadManifest) -> Iterator[DossierFinding]:
    """A chain is checked in the file that the manifest names, and each audit file is a chain's."""
    whole = manifest.edition == "desk"
    named = {chain.path for chain in manifest.chains}
    for path in sorted(path for path in archive.paths if path.startswith("audit/")):
        if path not in named:
            yield DossierFinding("chain", path)
    for chain in manifest.chains:
        content = _read(archive, chain.path)
        if content is None or chain.whole is not whole:
            yield DossierFinding("chain", ascii(chain.path))
        else:
            yield from check_chain(content, chain)


def _read(archive: DossierArchive, path: str) -> Any:
    """The JSON of a file; None where it is lacking or is no JSON."""
    data = archive.read(path) if path in archive.paths else None
    if data is None:
        return None
    with suppress(BadArchive):
        return read_json(data)
    return None
