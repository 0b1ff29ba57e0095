"""The desk's pages beside its queue: items that need a person, and who renews for an office."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.desk.item_list import ItemList
from services.renewal.desk.items import DeskItems
from services.renewal.desk.pages.items import listing
from services.renewal.desk.pages.renewers import RenewerPage, looking, naming, withdrawing
from services.renewal.desk.pages.view import Board
from services.renewal.desk.renewers import Appointing
from services.renewal.pages.desk_guard import DeskDoor
from services.renewal.pages.door import Door
from shared.storage.documents import Documents


@dataclass(frozen=True, slots=True)
class ExtraPages:
    items: DeskItems
    listed: ItemList
    appointing: Appointing
    documents: Documents

    def routers(self, board: Board, door: Door) -> list[APIRouter]:
        desks, renewer = DeskDoor(door), RenewerPage(board, self.appointing, self.documents)
        return [
            listing(board, desks, self.items, self.listed),
            looking(renewer, desks),
            naming(renewer, desks),
            withdrawing(renewer, desks),
        ]
