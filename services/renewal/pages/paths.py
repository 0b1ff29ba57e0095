"""The types of the parameters in addresses. They are checked before anything is queried with them."""

from typing import Annotated

from fastapi import Path

OfficeRef = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ProductCode = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
