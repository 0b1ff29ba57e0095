"""The vendor as offices are told of it. It comes from a setting."""

from pydantic import BaseModel, ConfigDict, Field


class VendorContact(BaseModel):
    """How an office reaches the vendor. The same setting has more fields for other services."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1)
    address: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    email: str = Field(pattern=r"^[!-~]+@[!-~]+$")


# An invented vendor.
EXAMPLE_CONTACT = VendorContact(
    name="Công ty Cổ phần Gia Hạn Số",
    address="Số 12 phố Duy Tân, phường Cầu Giấy, thành phố Hà Nội",
    phone="024 7300 0000",
    email="giahan@giahanso.example",
)
