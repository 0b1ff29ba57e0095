"""The desk's pages beside its queue: items that need a person, and who renews for an office."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.renewal.appointing import Appointing
from services.renewal.desk_items import DeskItems
from services.renewal.item_list import ItemList
from services.renewal.pages.desk_door import DeskDoor
from services.renewal.pages.desk_items import listing
from services.renewal.pages.desk_renewer import RenewerPage, looking, naming, withdrawing
from services.renewal.pages.desk_view import Board
from services.renewal.pages.door import Door
from shared.documents import Documents


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
