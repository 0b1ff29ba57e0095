"""Reads an uploaded statement in a worker process, so that hostile bytes can end only their own job."""

from services.renewal.domain.payment.statement import Statement
from services.renewal.domain.vendor import Vendor
from services.renewal.payment.statements.columns import ColumnMapping
from services.renewal.payment.statements.reader import StatementSource, read_statements
from services.renewal.payment.statements.refusal import StatementFault, StatementRefused
from shared.background.workers import Workers, WorkTimedOut


class StatementReader:
    """`limit`: seconds for one file."""

    def __init__(self, vendor: Vendor, *, limit: float = 120.0) -> None:
        self._account = "".join(filter(str.isalnum, vendor.bank_account.upper()))
        self._bank_bin = vendor.bank_bin or ""
        self._workers = Workers(1, limit=limit)

    async def read(self, data: bytes, columns: str | None) -> tuple[Statement, ...]:
        """Raises StatementRefused, also where the file takes too long, and WorkEnded."""
        mapping = None if columns is None else ColumnMapping.model_validate_json(columns)
        source = StatementSource(account=self._account, bank_bin=self._bank_bin, columns=mapping)
        try:
            return await self._workers.run(read_statements, data, source)
        except WorkTimedOut:
            raise StatementRefused([StatementFault("too_slow")]) from None

    async def close(self) -> None:
        await self._workers.close()
