"""Cells whose kind a workbook tells. All other cells are plain text."""


class NumberCell(str):
    """A cell that the workbook keeps as a number: it has no leading zeros."""

    __slots__ = ()


class NumberCellOf1904(NumberCell):
    """In a workbook whose days are counted from 1904, as Excel for the Mac once did."""

    __slots__ = ()


class MomentCell(str):
    """A cell that the workbook keeps as a day or a time."""

    __slots__ = ()
