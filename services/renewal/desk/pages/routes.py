"""The pages of the desk's queue, in the order in which their addresses are matched."""

from fastapi import APIRouter

from services.renewal.desk.pages.board import Board
from services.renewal.desk.pages.bulk import bulk_pages
from services.renewal.desk.pages.case import case_pages, claim_pages
from services.renewal.desk.pages.queue import queue_pages
from services.renewal.desk.pages.search import search_pages
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard


def desk_pages(board: Board, guard: RequestGuard) -> list[APIRouter]:
    desk_guard = DeskGuard(guard)
    return [
        queue_pages(board, desk_guard),
        search_pages(board, desk_guard),
        case_pages(board, desk_guard),
        claim_pages(board, desk_guard),
        bulk_pages(board, desk_guard),
    ]
