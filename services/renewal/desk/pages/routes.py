"""The pages of the desk's queue, in the order in which addresses are looked for."""

from fastapi import APIRouter

from services.renewal.desk.pages.bulk import bulk
from services.renewal.desk.pages.case import claiming, deciding
from services.renewal.desk.pages.queue import queueing
from services.renewal.desk.pages.search import finding
from services.renewal.desk.pages.view import Board
from services.renewal.pages.desk_guard import DeskDoor
from services.renewal.pages.door import Door


def desk_pages(board: Board, door: Door) -> list[APIRouter]:
    desks = DeskDoor(door)
    return [
        queueing(board, desks),
        finding(board, desks),
        deciding(board, desks),
        claiming(board, desks),
        bulk(board, desks),
    ]
