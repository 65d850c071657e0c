"""The rows of a catalogued holdout, and what to know about them."""

from __future__ import annotations

import os
import warnings

from medqa_kit.catalog import Protection
from medqa_kit.core.holders import Rows, count
from medqa_kit.errors import HoldoutWarning, LicenseWarning
from medqa_kit.loading.load import Loaded, load
from medqa_kit.loading.request import Origin

_CALLER = 4  # who called Holdout.named


def loaded_rows(
    held: Protection,
    *,
    origin: Origin,
    path: str | os.PathLike[str] | None,
    revision: str | None,
    cache_dir: str | os.PathLike[str] | None,
    token: str | None,
) -> Loaded:
    """Load the rows that a holdout holds; arguments are as in :func:`medqa_kit.load`."""
    with warnings.catch_warnings():  # to know an exam by its fingerprints is not to use it
        warnings.simplefilter("ignore", LicenseWarning)
        return load(
            held.source, subset=held.subset, split=held.split, years=held.years, origin=origin,
            path=path, revision=revision, cache_dir=cache_dir, token=token,
        )  # fmt: skip


def warn_of_rest(held: Protection) -> None:
    """Warn of the rows that a person may expect in a holdout and that are not in it."""
    if held.leaves_in:
        _warn(held, held.leaves_in)


def warn_of_missing(held: Protection, rows: Rows) -> None:
    """Warn where rows are not as many as were counted upstream."""
    if held.items is not None and count(rows) != held.items:
        _warn(held, f"{held.items:,} rows were counted upstream, {count(rows):,} were given; what is "
                    "missing is not held out")  # fmt: skip


def _warn(held: Protection, message: str) -> None:
    warnings.warn(f"{held.name}: {message}", HoldoutWarning, stacklevel=_CALLER)
