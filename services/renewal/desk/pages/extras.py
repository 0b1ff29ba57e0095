"""The desk's other pages: items that need a person, and the renewers of offices."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.items.item_list import ItemList
from services.renewal.desk.items.items import DeskItems
from services.renewal.desk.pages.board import Board
from services.renewal.desk.pages.items import ItemsPage, item_pages
from services.renewal.desk.pages.renewers import (
    RenewerPage,
    appointment_pages,
    renewer_pages,
    withdrawal_pages,
)
from services.renewal.desk.renewers import RenewerAppointments
from shared.storage.documents import Documents
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard


@dataclass(frozen=True, slots=True)
class ExtraPages:
    items: DeskItems
    item_list: ItemList
    appointments: RenewerAppointments
    documents: Documents

    def routers(self, board: Board, guard: RequestGuard) -> list[APIRouter]:
        desk_guard, renewer = DeskGuard(guard), RenewerPage(board, self.appointments, self.documents)
        return [
            item_pages(ItemsPage(board, self.items, self.item_list), desk_guard),
            renewer_pages(renewer, desk_guard),
            appointment_pages(renewer, desk_guard),
            withdrawal_pages(renewer, desk_guard),
        ]
