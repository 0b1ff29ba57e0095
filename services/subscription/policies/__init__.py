"""The stage tables of this release and the operator's own: one JSON file per version, named by its id.

A file never changes once a term has begun under it: a new version is a new file. `products.json` says which
table the new terms of a product use. If the operator has such a file, it replaces the one of this release.
docs/reference/stages.md describes both.
"""

from pathlib import Path

from services.subscription.domain.stages.policy import Policies, Policy
from services.subscription.domain.stages.products import Products
from services.subscription.policies.files import TEXTS, file_error, load

_OURS = Path(__file__).parent
_PRODUCTS = "products.json"


def load_policies(own: Path | None = None) -> Policies:
    """All tables by id: those of this folder and those of the operator's folder `own`.

    Raises BadSettings with the file and what is wrong in it.
    """
    policies: dict[str, Policy] = {}
    for folder in (_OURS, own):
        for file in _tables(folder):
            policy = load(file, Policy)
            if policy.id != file.stem:
                raise file_error(file, "id", TEXTS.both("file.name", name=file.stem))
            if policy.id in policies:
                raise file_error(file, "id", TEXTS.both("file.repeated"))
            policies[policy.id] = policy
    return policies


def load_products(policies: Policies, own: Path | None = None) -> Products:
    """The settings of the products, which refer to `policies`. Raises BadSettings with the file and the
    error."""
    theirs = own / _PRODUCTS if own else None
    file = theirs if theirs and theirs.exists() else _OURS / _PRODUCTS
    return load(file, Products, context={"policies": policies})


def _tables(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise file_error(folder, "", TEXTS.both("file.no_folder"))
    return sorted(file for file in folder.glob("*.json") if file.name != _PRODUCTS)
