"""Warnings: facts that a person should know, and that do not stop the work."""

from __future__ import annotations

import sys
import warnings
from types import FrameType


class MedQAWarning(UserWarning):
    """Base of the library's warnings: a fact that a person should know, and that does not stop the work."""


class FloatingRevisionWarning(MedQAWarning):
    """A source without a pinned revision was read; another day may give other rows."""


class RowCountWarning(MedQAWarning):
    """A part does not have the number of rows it had when it was catalogued."""


class PartsWarning(MedQAWarning):
    """A folder holds some parts of a source and lacks others; the message names them."""


class AnswerWarning(MedQAWarning):
    """Right options are unevenly spread over the places, so that their numbers may be off by one."""


class LicenseWarning(MedQAWarning):
    """Claims about a licence contradict each other; the strictest rules apply."""


class SafetyWarning(MedQAWarning):
    """The rows hold advice that may harm if followed."""


class HoldoutWarning(MedQAWarning):
    """What is held out leaves protected items in."""


class DroppedRowsWarning(MedQAWarning):
    """Rows were dropped; the message says how many, why, and where they are listed."""


class LeftOutWarning(MedQAWarning):
    """Some data of upstream is in no row; the message says how much and why."""


class MissingValueWarning(MedQAWarning):
    """Cells of a text file hold a word such as ``NULL``, which an export may write for a missing value."""


class FamilyWarning(MedQAWarning):
    """Rows lack the family that keeps copies, translations and rewrites of one item together."""


class SplitWarning(MedQAWarning):
    """A part of a division is empty, or further from its share than chance explains."""


class CacheWarning(MedQAWarning):
    """A file of the library, or of the hub's cache, was damaged; it is made again."""


class PluginWarning(MedQAWarning):
    """A source of another package cannot be used and is left out of the catalogue."""


def warn_at_caller(message: str, kind: type[MedQAWarning]) -> None:
    """Warn at the nearest line outside the library: Python then shows it once for that line."""
    warnings.warn(message, kind, stacklevel=_caller()[1])


def warn_once(message: str, kind: type[MedQAWarning]) -> None:
    """Warn at the nearest line outside the library: Python then shows it once a process, whatever the line.

    Filters work as usual: ``always`` shows it each time, and ``error`` raises it.
    """
    frame, _ = _caller()
    if any((message, kind) == key[:2] for key in [*_SHOWN]):
        # The key under which Python remembers a warning of a line.
        _SHOWN[message, kind, frame.f_lineno] = 1
    warnings.warn_explicit(message, kind, frame.f_code.co_filename, frame.f_lineno, registry=_SHOWN)


_SHOWN: dict[str | tuple[str, type[Warning], int], int] = {}
"""The warnings that were shown; Python writes it, and clears it when a filter changes."""


def _caller() -> tuple[FrameType, int]:
    """Return the nearest frame outside the library, and its level above the caller."""
    frame, level = sys._getframe(2), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("medqa_kit."):
        frame, level = frame.f_back, level + 1
    return frame, level
