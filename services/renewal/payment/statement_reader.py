"""Reads an uploaded statement in a worker process, so that hostile bytes can end only their own job."""

from services.renewal.domain.payment.statement import Statement
from services.renewal.domain.vendor import Vendor
from services.renewal.payment.layouts import StatementLayouts
from services.renewal.payment.statements.reader import StatementSource, read_statements
from services.renewal.payment.statements.refusal import StatementFault, StatementRefused
from shared.background.workers import WorkEnded, Workers, WorkTimedOut


class StatementReader:
    """`limit`: seconds for one file."""

    def __init__(self, layouts: StatementLayouts, vendor: Vendor, *, limit: float = 120.0) -> None:
        self._layouts = layouts
        self._vendor = vendor
        self._workers = Workers(1, limit=limit)
        self._closed = False

    async def __call__(self, data: bytes, layout: str) -> tuple[Statement, ...]:
        """Raises StatementRefused, also where the file takes too long."""
        source = StatementSource(
            account=self._vendor.bank_account.replace(" ", "").upper(),
            bank_bin=self._vendor.bank_bin or "",
            columns=await self._layouts.columns(layout) if layout else None,
        )
        try:
            return await self._workers.run(read_statements, data, source)
        except WorkTimedOut:
            raise StatementRefused([StatementFault("too_slow")]) from None
        except WorkEnded:  # a file that ends its process would do so each time
            if self._closed:
                raise
            raise StatementRefused([StatementFault("not_a_table")]) from None

    async def close(self) -> None:
        self._closed = True
        await self._workers.close()
