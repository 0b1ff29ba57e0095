"""The dossier tool on a real archive, on archives that were changed, and on hostile ones."""

import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter

from services.renewal.domain.dossier.facts import DossierEdition
from services.renewal.dossier.archive import ArchiveWriter
from shared.audit.entries import AuditChain, AuditEntry, jsonable
from tests.services.renewal.dossier.sample_dossier import archive, chain, facts, renewal
from tools.dossier.archive import BadArchive, read_archive
from tools.dossier.chain import check_chain, digest
from tools.dossier.check import DossierCheck, check_dossier
from tools.dossier.main import main
from tools.dossier.manifest import ListedChain
from tools.dossier.package import TARGET, package
from tools.dossier.texts import EN, VI

OFFICE, DESK = DossierEdition.OFFICE, DossierEdition.DESK
Files = dict[str, bytes]


def check(data: bytes) -> DossierCheck:
    with read_archive(io.BytesIO(data)) as opened:
        return check_dossier(opened)


def kinds(data: bytes) -> set[str]:
    return {finding.kind for finding in check(data).findings}


def unzipped(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Files) -> bytes:
    writer = ArchiveWriter()
    return b"".join([*(writer.add(path, data) for path, data in files.items()), writer.end()])


def remade(files: Files, change: Callable[[dict[str, Any]], object]) -> bytes:
    """With another manifest, and an index that names its hash."""
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    data = json.dumps(manifest).encode()
    index = b"%PDF " + sha256(data).hexdigest().encode()
    return zipped(files | {"manifest.json": data, "index.pdf": index})


@pytest.mark.parametrize("edition", DossierEdition)
async def test_a_dossier_as_it_was_made_is_intact(
    edition: DossierEdition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ho-so.zip"
    file.write_bytes(await archive(edition))
    assert main(["verify", str(file)]) == 0
    said = capsys.readouterr().out
    assert EN["proof"][f"edition_{edition}"] in said
    assert VI["proof"]["not_proven"] in said
    found = check(file.read_bytes())
    assert (found.files, found.entries, found.missing) == (11, 4, ())


def run(tool: Path, dossier: Path) -> subprocess.CompletedProcess[str]:
    """`-I -S`: without packages and without this folder."""
    command = [sys.executable, "-I", "-S", str(tool), "verify", str(dossier)]
    return subprocess.run(command, cwd=tool.parent, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize(("lost", "code"), [("", 0), ("scan", 3)])
async def test_the_tool_as_one_file_runs_on_a_bare_python(lost: str, code: int, tmp_path: Path) -> None:
    tool, dossier = tmp_path / TARGET.name, tmp_path / "ho-so.zip"
    tool.write_bytes(package())
    dossier.write_bytes(await archive(lost=lost))
    ran = run(tool, dossier)
    assert (ran.returncode, ran.stderr) == (code, "")
    assert VI["proof"]["not_proven"] in ran.stdout
    dossier.write_bytes(dossier.read_bytes()[:-1])
    ran = run(tool, dossier)
    assert (ran.returncode, ran.stdout) == (2, "")


def test_the_offered_tool_is_as_its_sources() -> None:
    assert TARGET.read_bytes() == package() == package()


async def test_a_paper_that_was_missing_has_a_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ho-so.zip"
    file.write_bytes(await archive(lost="scan"))
    assert main(["verify", str(file)]) == 3
    assert "scan.pdf" in capsys.readouterr().out


async def test_every_changed_file_is_found() -> None:
    files = unzipped(await archive())
    for path in files:
        changed = files | {path: files[path][:-1] + bytes([files[path][-1] ^ 1])}
        if path == "manifest.json":
            with pytest.raises(BadArchive):
                check(zipped(changed))
        else:
            assert kinds(zipped(changed)), path


async def test_what_is_added_and_what_is_lacking_is_found() -> None:
    files = unzipped(await archive())
    assert kinds(zipped(files | {"documents/999-form-1.pdf": b"%PDF"})) == {"added"}
    assert kinds(zipped(files | {"audit/other.json": b"{}"})) == {"added", "chain"}
    for path in files.keys() - {"manifest.json", "index.pdf"}:
        less = {name: data for name, data in files.items() if name != path}
        assert "lacking" in kinds(zipped(less)), path
    for path in ("manifest.json", "index.pdf"):
        with pytest.raises(BadArchive):
            check(zipped({name: data for name, data in files.items() if name != path}))


async def test_a_manifest_made_anew_still_needs_the_papers_and_the_chain() -> None:
    files = unzipped(await archive())

    def drop_paper(manifest: dict[str, Any]) -> None:
        manifest["papers"].pop(0)

    def drop_chain(manifest: dict[str, Any]) -> None:
        manifest["chains"].pop(0)

    def shorten(manifest: dict[str, Any]) -> None:
        manifest["chains"][0]["entries"] -= 1

    assert kinds(remade(files, drop_paper)) == {"paper"}
    assert kinds(remade(files, drop_chain)) == {"chain"}
    assert kinds(remade(files, shorten)) == {"chain"}
    assert kinds(remade(files, lambda manifest: manifest["chains"][0].update(whole=False))) == {"chain"}


LISTED = ListedChain("renewals/x", "audit/renewals.json", 3, "", whole=True)


def rows() -> list[dict[str, Any]]:
    about = renewal()
    states = (about, about.with_changes(desk_note="x"), about.with_changes(desk_note="y", reminders=1))
    return [jsonable(entry.model_dump()) for entry in chain(LISTED.aggregate, *states)]


def found(entries: list[dict[str, Any]]) -> set[str]:
    last = rows()[-1]["hash"]
    listed = ListedChain(LISTED.aggregate, LISTED.path, 3, last, whole=True)
    content = {"aggregate": LISTED.aggregate, "entries": entries}
    return {finding.kind for finding in check_chain(content, listed)}


def test_the_tool_and_the_audit_agree_on_a_chain() -> None:
    entries = rows()
    assert found(entries) == set()
    own = AuditChain(LISTED.aggregate)
    for entry in chain(LISTED.aggregate, renewal()):
        own.follow(entry.model_dump())
    assert own.findings == []


@given(at=st.integers(0, 2), field=st.sampled_from(sorted(AuditEntry.model_fields)), text=st.text(max_size=5))
@settings(max_examples=60, deadline=None)
def test_no_changed_entry_passes(at: int, field: str, text: str) -> None:
    entries = rows()
    entries[at][field] = text if entries[at][field] != text else f"{text}x"
    assert found(entries)


def test_no_entry_is_lost_repeated_or_moved() -> None:
    entries = rows()
    for change in (entries[1:], entries[:-1], [*entries, entries[-1]], entries[::-1], []):
        assert found(change)


def test_the_digest_is_the_audits_own() -> None:
    for entry in chain(LISTED.aggregate, renewal()):
        assert digest(jsonable(entry.model_dump())) == entry.hash


# Hostile files


def raw(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for entry, data in entries:
            made.writestr(entry, data)
    return out.getvalue()


def info(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry


def refused(data: bytes) -> str:
    with pytest.raises(BadArchive) as error:
        check(data)
    assert error.value.reason in VI["unreadable"]
    return error.value.reason


@pytest.mark.parametrize(
    "name",
    ["../etc/passwd", "/etc/passwd", "documents/../../x.pdf", "documents\\x.pdf", "C:x.pdf",
     "documents/a\nb.pdf", "documents/Á.pdf", "", "documents/", "x" * 300, "manifest.json ",
     "documents/x.pdf\x1b[2J"],
)  # fmt: skip
def test_odd_names_are_refused(name: str) -> None:
    assert refused(raw((info(name), b"x"))) == "bad_name"


def test_links_and_folders_are_refused() -> None:
    assert refused(raw((info("documents/001-form-1.pdf", 0o120777), b"/etc/passwd"))) == "special"
    assert refused(raw((info("documents/001-form-1.pdf", 0o040755), b""))) == "special"


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        entry = info("manifest.json")
        entry.compress_type = zipfile.ZIP_DEFLATED
        made.writestr(entry, bytes(10_000_000))
    assert refused(out.getvalue()) == "special"


def test_one_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = raw((info("manifest.json"), b"{}"), (info("manifest.json"), b"[]"))
    assert refused(data) == "twice"


async def test_bytes_that_no_entry_covers_are_refused() -> None:
    data = await archive()
    assert refused(b"MZ" + data) == "no_zip"
    assert refused(data + b"x") == "no_zip"
    directory = data.index(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    moved = struct.pack("<L", directory + 5)
    hidden = (
        data[:directory] + b"extra" + data[directory:end] + data[end : end + 16] + moved + data[end + 20 :]
    )
    assert refused(hidden) == "hidden"


async def test_a_second_directory_is_refused() -> None:
    """Hidden in a comment of the first: this tool would read one content, another reader another."""
    data = await archive()
    start, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    first = bytearray(data[start:end])
    entries = first.count(b"PK\x01\x02")
    size = 46 + len("documents/001-form-1.pdf")
    other = bytearray(first[:size])
    other[32:34] = struct.pack("<H", 56 + 20)
    last = first.rindex(b"PK\x01\x02")
    first[last + 32 : last + 34] = struct.pack("<H", len(other))
    whole = len(first) + len(other)
    zip64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, whole, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + whole, 1)
    classic = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(other) + 76, start + len(first), 0)
    two = data[:start] + first + other + zip64 + locator + classic
    with zipfile.ZipFile(io.BytesIO(two)) as opened:
        assert len(opened.infolist()) == entries
    assert refused(two) == "hidden"


async def test_a_directory_with_a_comment_or_another_count_is_refused() -> None:
    entry = info("documents/001-form-1.pdf")
    entry.comment = b"x"
    assert refused(raw((entry, b"%PDF"))) == "special"
    data = bytearray(await archive())
    data[-14:-10] = struct.pack("<2H", 3, 3)
    assert refused(bytes(data)) == "hidden"


@pytest.mark.parametrize("bit", range(16))
async def test_flags_that_no_dossier_has_are_refused(bit: int) -> None:
    data = bytearray(await archive())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + at
        data[place : place + 2] = struct.pack("<H", 1 << bit)
    assert refused(bytes(data)) == "special"


async def test_a_local_header_that_tells_another_story_is_refused() -> None:
    data = bytearray(await archive())
    data[data.index(b"PK\x03\x04") + 8] = 8  # "compressed", for readers that begin at the front
    assert refused(bytes(data)) == "special"


async def test_every_cut_and_every_changed_byte_is_noticed() -> None:
    data = await archive()
    assert len({data[:cut] for cut in range(len(data))}) == len(data)
    for cut in [*range(0, len(data), 997), len(data) - 1]:
        refused(data[:cut])
    for place in range(0, len(data), 211):
        changed = data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]
        try:
            findings = check(changed).findings
        except BadArchive:
            continue
        assert findings or _means_nothing(data, place), place


def _means_nothing(data: bytes, place: int) -> bool:
    """Whether the byte is in a header, where it tells what no reader uses: a version, a time, a comment."""
    directory = data.index(b"PK\x01\x02")
    before = data.rfind(b"PK\x03\x04", 0, place + 1)
    return place >= directory or place - before < 30


@pytest.mark.parametrize(
    "content", ["[]", "{}", "null", "[" * 100_000, '{"a":1,"a":1}', '{"format":NaN}', "\x00"]
)
def test_a_manifest_that_is_none_is_refused(content: str) -> None:
    data = zipped({"manifest.json": content.encode(), "index.pdf": b""})
    assert refused(data) == "bad_manifest"


async def test_a_format_of_a_later_tool_is_named() -> None:
    files = unzipped(await archive())
    later = files["manifest.json"].replace(b"giahan-dossier-1", b"giahan-dossier-2")
    assert refused(zipped(files | {"manifest.json": later})) == "other_format"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_answered(data: bytes, ended: bool) -> None:
    refused(data + (b"PK\x05\x06" + bytes(18) if ended else b""))


def test_what_is_no_file_has_a_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "nowhere.zip")]) == 2
    (tmp_path / "empty.zip").write_bytes(b"")
    assert main(["verify", str(tmp_path / "empty.zip")]) == 2
    assert VI["unreadable"]["no_zip"] in capsys.readouterr().err


async def test_a_console_without_our_letters_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ho-so.zip"
    file.write_bytes(await archive())
    out = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out, encoding="cp1258", write_through=True))
    assert main(["verify", str(file)]) == 0
    assert VI["proof"]["not_proven"] in out.getvalue().decode()


async def test_an_index_that_says_something_else_is_not_noticed_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real PDF, whose text nobody can check here."""
    files = unzipped(await archive())
    made = PdfWriter()
    made.add_blank_page(100, 100)
    made.add_metadata({"/Subject": sha256(files["manifest.json"]).hexdigest()})
    other = io.BytesIO()
    made.write(other)
    file = tmp_path / "ho-so.zip"
    file.write_bytes(zipped(files | {"index.pdf": other.getvalue()}))
    assert main(["verify", str(file)]) == 0
    assert "index.pdf chỉ kiểm tra" in capsys.readouterr().out


def test_both_languages_say_the_same() -> None:
    assert {part: set(named) for part, named in VI.items()} == {
        part: set(named) for part, named in EN.items()
    }


async def test_the_same_facts_are_in_both_editions() -> None:
    assert facts().papers
    assert check(await archive(OFFICE)).number == check(await archive(DESK)).number
