"""Checks a service's audit trail: `python -m deploy.audit SERVICE`, with the service's own GIAHAN_MONGO and
GIAHAN_NAMESPACE. The service may run meanwhile.

Prints one line for each entry, document or root that was changed, removed or added, and ends with status 1.
If all is correct it prints the counts and the last root, and ends with status 0. Status 2: the database
cannot be reached. A person who may write everything could build the whole trail again, roots included; only a
last root that was kept elsewhere reveals that.
"""

import argparse
import asyncio

from deploy import SERVICES
from deploy.audit.verification import VerificationReport, verify
from shared.audit.entries import AuditFinding, FindingKind
from shared.runtime.settings import Settings, read
from shared.storage import mongo

_WORDS = {
    FindingKind.CHANGED: ("bản ghi đã bị sửa", "the entry was changed"),
    FindingKind.MISSING: ("thiếu bản ghi", "entry missing"),
    FindingKind.TWICE: ("hai bản ghi khác nhau cùng số", "two different entries of one number"),
    FindingKind.UNLINKED: (
        "không nối với bản ghi trước; bản ghi trước đã bị thay",
        "the entry before was replaced",
    ),
    FindingKind.HEAD: ("tài liệu ghi bản ghi cuối khác", "the document notes another last entry"),
    FindingKind.STATE: ("giá trị không do bản ghi nào tạo ra", "a value that no entry made"),
    FindingKind.UNAUDITED: ("tài liệu không có bản ghi nào", "a document without any entry"),
    FindingKind.GONE: ("tài liệu đã biến mất", "the document is gone"),
    FindingKind.LOST: ("thiếu dòng trong kho lưu", "row missing from the archive"),
    FindingKind.ROOT: ("gốc trong ngày không khớp", "the day's root doesn't match"),
    FindingKind.NO_ROOT: ("thiếu gốc trong ngày", "the day has no root"),
}


def line(fault: AuditFinding) -> str:
    vietnamese, english = _WORDS[fault.kind]
    return f"✗ {fault.where}: {vietnamese} / {english}"


def summary(found: VerificationReport) -> str:
    counts = (
        f"✓ {found.documents} tài liệu, {found.entries} bản ghi, {found.roots} gốc: đúng cả / "
        f"{found.documents} documents, {found.entries} entries, {found.roots} roots: all as they were made"
    )
    if found.last is None:
        return counts
    last = f"{found.last.day} {found.last.root}"
    return f"{counts}\n  gốc cuối, nên giữ ở nơi khác / last root, keep it elsewhere: {last}"


async def _verified(service: str, settings: Settings) -> VerificationReport:
    client = mongo.connect(settings.mongo.get_secret_value())
    try:
        return await verify(client[settings.database(service)])
    finally:
        client.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.audit", description=__doc__)
    parser.add_argument("service", choices=SERVICES)
    service = parser.parse_args().service
    try:
        found = asyncio.run(_verified(service, read(Settings, serves=False)))
    except Exception as error:
        if not mongo.is_transient(error):
            raise
        print("✗ không tới được cơ sở dữ liệu / can't reach the database (GIAHAN_MONGO)")
        return 2
    for fault in found.faults:
        print(line(fault))
    if not found.faults:
        print(summary(found))
    return 1 if found.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
