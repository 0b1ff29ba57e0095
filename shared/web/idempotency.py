"""The header `Idempotency-Key`. A repeat with the same key by the same person changes nothing more; with
other content it is refused."""

from typing import Annotated

from fastapi import Header

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
RequiredIdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
