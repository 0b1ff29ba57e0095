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
from deploy.texts import line
from shared.audit.entries import AuditFinding
from shared.runtime.settings import Settings, read
from shared.storage import mongo


def finding_line(fault: AuditFinding) -> str:
    return f"✗ {fault.where}: {line(f'finding.{fault.kind.value}')}"


def summary(found: VerificationReport) -> str:
    numbers = {"documents": found.documents, "entries": found.entries, "roots": found.roots}
    counts = f"✓ {line('audit.correct', **numbers)}"
    if found.last is None:
        return counts
    last = f"{found.last.day} {found.last.root}"
    return f"{counts}\n  {line('audit.last_root')}: {last}"


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
        print(f"✗ {line('unreachable.mongo')}")
        return 2
    for fault in found.faults:
        print(finding_line(fault))
    if not found.faults:
        print(summary(found))
    return 1 if found.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
