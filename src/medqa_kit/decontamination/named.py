"""The rows of a catalogued holdout, and warnings about them."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping

from medqa_kit.catalog import Protection
from medqa_kit.core.holders import Rows, count
from medqa_kit.errors import (
    EmptyDataError,
    HoldoutWarning,
    LicenseWarning,
    RowCountWarning,
    WrongFilesError,
)
from medqa_kit.loading.load import Loaded, load
from medqa_kit.loading.request import Origin

_ASKED = re.compile(r"pass (?P<parts>(?:subset='[^']*', )?split='[^']*'), or add the files")
_CALLER = 4  # who called Holdout.named


def loaded_rows(
    protection: Protection,
    *,
    origin: Origin,
    path: str | os.PathLike[str] | None,
    revision: str | None,
    cache_dir: str | os.PathLike[str] | None,
    token: str | None,
    columns: Mapping[str, str] | None = None,
) -> Loaded:
    """Load the rows that a holdout holds; arguments are as in :func:`medqa_kit.load`."""
    with warnings.catch_warnings():  # to know an exam by its fingerprints is not to use it
        warnings.simplefilter("ignore", LicenseWarning)
        warnings.simplefilter("ignore", RowCountWarning)  # fewer rows are refused, or said
        try:
            return load(
                protection.source, subset=protection.subset, split=protection.split, years=protection.years, origin=origin,
                path=path, revision=revision, cache_dir=cache_dir, token=token, columns=columns,
            )  # fmt: skip
        except WrongFilesError as error:
            if error.hint and (there := _ASKED.match(error.hint)):
                error.hint = (
                    "add the files that are missing; or hold out those alone that are there: "
                    f"rows=mk.load({protection.source!r}, path=…, {there['parts']})"
                )
            raise


def warn_of_rest(protection: Protection) -> None:
    """Warn of the rows that a person may expect in a holdout and that are not in it."""
    if protection.leaves_in:
        _warn(protection, protection.leaves_in)


def warn_of_missing(protection: Protection, rows: Rows) -> None:
    """Warn where rows are not as many as were counted upstream."""
    if protection.items is not None and count(rows) != protection.items:
        _warn(protection, f"{protection.items:,} rows were counted upstream, {count(rows):,} were given; what is "
                    "missing is not held out")  # fmt: skip


def refuse_partial(protection: Protection, rows: Rows, *, origin: Origin) -> None:
    """Refuse fewer rows than were counted upstream; the invented rows of a sample are no part.

    Raises:
        EmptyDataError: It says how many there are, and what to pass.
    """
    if protection.items is not None and origin != "sample" and count(rows) < protection.items:
        raise EmptyDataError(
            f"the holdout {protection.name!r} would hold {count(rows):,} of {protection.items:,} rows: the others "
            "would go into training unseen", source=protection.source,
            expected=f"{protection.items:,} rows, as counted upstream", found=f"{count(rows):,}",
            hint="pass all files of the benchmark, or partial=True to hold out these alone",
        )  # fmt: skip


def reason_of(protection: Protection, rows: Rows, *, origin: Origin) -> str:
    """Return why a holdout is held out; of fewer rows than upstream has, with how many there are."""
    if protection.items is None or origin == "sample" or count(rows) >= protection.items:
        return protection.reason
    return f"{protection.reason}; {count(rows):,} of its {protection.items:,} rows"


def _warn(protection: Protection, message: str) -> None:
    warnings.warn(f"{protection.name}: {message}", HoldoutWarning, stacklevel=_CALLER)
