"""The pages of the desk's queue, in the order in which addresses are looked for."""

from fastapi import APIRouter

from services.renewal.desk.pages.bulk import bulk_pages
from services.renewal.desk.pages.case import case_pages, claim_pages
from services.renewal.desk.pages.queue import queue_pages
from services.renewal.desk.pages.search import search_pages
from services.renewal.desk.pages.view import Board
from services.renewal.pages.desk_guard import DeskGuard
from services.renewal.pages.door import RequestGuard


def desk_pages(board: Board, door: RequestGuard) -> list[APIRouter]:
    desks = DeskGuard(door)
    return [
        queue_pages(board, desks),
        search_pages(board, desks),
        case_pages(board, desks),
        claim_pages(board, desks),
        bulk_pages(board, desks),
    ]
