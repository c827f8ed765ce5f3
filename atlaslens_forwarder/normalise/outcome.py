"""What becomes of a row in every normaliser: an event, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.event import Event, RawRow, Rejected
from atlaslens_forwarder.normalise.reasons import RejectReason, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Callable


def event_or_reason(row: RawRow, time_field: str, make: Callable[[int], Event]) -> Event | Rejected:
    """The event that ``make`` makes of a row and its time in epoch milliseconds.

    Args:
        row: as it came.
        time_field: the field that holds the row's time, for the reason where it cannot be read.
        make: raises ``WrongTypeError`` for what is not of the documented type, ``OverflowError`` for a time
            out of range and any other ``ValueError`` for what has no canonical form.
    """
    if row.at_ms is None:
        return Rejected(row, RejectReason.UNREADABLE_TIME, time_field)
    try:
        return make(row.at_ms)
    except WrongTypeError as error:
        return Rejected(row, RejectReason.WRONG_TYPE, error.path)
    except OverflowError:
        return Rejected(row, RejectReason.UNREADABLE_TIME, time_field)
    except ValueError:
        return Rejected(row, RejectReason.NO_CANONICAL_FORM, "row")
