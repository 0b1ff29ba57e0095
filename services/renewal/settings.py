"""The settings of the renewal service."""

from pathlib import Path
from typing import Literal

from pydantic import Field, FilePath, ValidationError

from services.renewal.domain.registration.catalogue import Catalogue
from services.renewal.domain.vendor import Vendor
from shared.runtime.settings import TEXTS, BadSettings, Settings, example
from shared.time.zones import ZoneName

# An invented vendor. No register has its tax code.
EXAMPLE_VENDOR = Vendor(
    name="Công ty Cổ phần Gia Hạn Số",
    tax_code="0199900018",
    address="Số 12 phố Duy Tân, phường Cầu Giấy, thành phố Hà Nội",
    place="Hà Nội",
    representative="Lê Minh Quân",
    title="Giám đốc",
    phone="024 7300 0000",
    email="giahan@giahanso.example",
    bank="Ngân hàng Thương mại Ví Dụ, chi nhánh Hà Nội",
    bank_account="0123456789012",
    bank_bin="970499",
)


class RenewalSettings(Settings):
    vendor: Vendor = example(
        EXAMPLE_VENDOR,
        invented=("name", "tax_code", "representative", "phone", "email", "bank_account", "bank_bin"),
        description="Who sells, as documents name it (JSON)",
    )
    catalogue: FilePath = example(
        Path(__file__).parent / "catalogue.json", invented=True, description="Products, packages and prices"
    )
    sign_in_url: str = Field(
        "", pattern=r"^(https?://[^\s<>\"']+)?$", description="The platform's sign-in, for who comes without"
    )
    signing_url: str = Field(
        "/signing",
        pattern=r"^((https?:/)?/[^\s<>\"']+)?$",
        description="A page that signs forms, told which by renewal=ID, and with document=contract contracts",
    )
    conditions_url: str = example(
        "https://giahan.giahanso.example/conditions",
        invented=True,
        pattern=r"^https?://[^\s<>\"']+[^\s<>\"'/]$",
        description="Where offices read the general conditions; forms print it with /LINE/DATE behind",
    )
    sign_in_origins: str = Field(
        "", description="Origins whose pages may hand people on to ours, with commas between"
    )
    zero_tens: Literal["linh", "lẻ"] = Field("linh", description="How 105 is read in amounts")
    thousand: Literal["nghìn", "ngàn"] = Field("nghìn", description="How 1000 is read in amounts")
    vendor_zone: ZoneName = Field(
        "Asia/Ho_Chi_Minh", description="Where the day is counted on which a list of prices begins to hold"
    )
    render_processes: int = Field(2, ge=1, le=16, description="Documents rendered at once")
    render_seconds: float = Field(20.0, gt=0, description="Longest time for one document")
    invoice_lookup_url: str = Field(
        "",
        pattern=r"^(https?://[^\s<>\"']+)?$",
        description="Where offices look up an invoice by its code, if its record doesn't say",
    )
    resource_hours: float = Field(
        24.0, gt=0, le=24 * 365, description="How long the platform may take to confirm resources"
    )
    resource_pause_minutes: float = Field(
        5.0, gt=0, le=24 * 60, description="From one office's request to update its resources to the next"
    )
    wait_seconds: float = Field(
        10.0, gt=0, description="How much longer whoever registers or decides waits for a process and a save"
    )
    scan_processes: int = Field(1, ge=1, le=16, description="Pages of the desk's scans read at once")
    copy_processes: int = Field(2, ge=1, le=16, description="Pages of what offices send read at once")
    scan_seconds: float = Field(30.0, gt=0, description="Longest time for one page of a scan")
    recoveries_a_day: int = Field(
        3, ge=1, le=100, description="How often an office may ask for the data of ended services in a day"
    )
    chase_seconds: float = Field(
        60.0, gt=0, description="Pause between looks for forms that are long awaited"
    )
    dossier_years: int = Field(
        10, ge=1, le=100, description="How long documents are kept after the contract's term, in years"
    )
    dossier_hold_days: int = Field(
        365, ge=1, description="Days after which the desk is asked whether a legal hold is still needed"
    )
    collect_seconds: float = Field(
        600.0, gt=0, description="Pause between looks for what crashes left uploaded"
    )

    @property
    def answer_seconds(self) -> float:
        """The time within which a request to register or to decide is answered."""
        return self.render_seconds + self.wait_seconds


def load_catalogue(path: Path) -> Catalogue:
    """The catalogue. Raises BadSettings, with the errors in the file, to end the process."""
    try:
        return Catalogue.model_validate_json(path.read_bytes())
    except ValidationError as error:
        lines = (f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False))
        title = f"GIAHAN_CATALOGUE: {path} {TEXTS['file'].line}:"
        raise BadSettings("\n".join([title, *lines])) from None
