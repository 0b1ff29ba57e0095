"""`python -m tests.contracts`: freeze new events and fields into tests/contracts/golden.

Look at the difference before committing it: from then on it is a promise. Breaking changes are
refused (exit 1).
"""

import sys

from shared.events import CATALOGUE
from shared.events.base import Event
from tests.contracts.golden import Golden, breaks, load, schema_of, write
from tests.contracts.specimen import specimen


def main() -> int:
    refused = False
    for event_type, model in CATALOGUE.items():
        before = load(event_type)
        broken = breaks(before.json_schema, schema_of(model)) if before else []
        for how in broken:
            refused = True
            print(f"{event_type}: {how}. Make a new version of the event instead.", file=sys.stderr)
        if not broken:
            write(event_type, _frozen(model, before))
    return 1 if refused else 0


def _frozen(model: type[Event], before: Golden | None) -> Golden:
    """As before, and with what was added."""
    schema = schema_of(model)
    example = {**specimen(schema), **before.example} if before else specimen(schema)
    return Golden(example=model.model_validate(example).model_dump(mode="json"), json_schema=schema)


if __name__ == "__main__":
    sys.exit(main())
