"""Decisions of builds about rows, stored under a digest of all that they depend on.

A build that was ended goes on from these, and one of a changed recipe decides anew only what the change
touches. They lie in the ``datasets`` cache, beside the prepared rows they are about.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit._version import __version__
from medqa_kit.building.kept.stored_tables import read_stored_table, write_stored_table
from medqa_kit.core.code.files import code_files
from medqa_kit.errors import StorageError
from medqa_kit.loading.preparing.bounded_files import DECISIONS, mark_used
from medqa_kit.loading.request import cache_root

LEAST_ROWS = 4096
"""Of fewer rows nothing is kept: to decide again takes no longer than to look."""


@dataclass(frozen=True)
class DecidedTables:
    """Tables of decisions, by stage and by what they depend on.

    Attributes:
        folder: Where they are; ``None`` keeps nothing.
        code: What decides: when the code that it may run changes, so do all keys.
    """

    folder: Path | None = None
    code: Callable[..., Any] | None = None

    @classmethod
    def in_cache(
        cls, cache_dir: str | os.PathLike[str] | None, code: Callable[..., Any]
    ) -> DecidedTables:
        """Return those of a ``datasets`` cache.

        Args:
            cache_dir: Root of the cache.
            code: What decides.
        """
        return cls(cache_root(cache_dir) / DECISIONS, code)

    def file(self, stage: str, facts: Any) -> Path | None:
        """Return the file of a decision; ``None`` where nothing is kept.

        Args:
            stage: What is decided, in letters and hyphens.
            facts: All that it depends on beside code and versions, as JSON has it.
        """
        if self.folder is None or self.code is None:
            return None
        versions = [__version__, pa.__version__, np.__version__, unicodedata.unidata_version,
                    sys.version_info[:2], code_files(self.code).digest]  # fmt: skip
        text = json.dumps(
            [stage, versions, facts], sort_keys=True, ensure_ascii=False, default=repr
        )
        key = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self.folder / f"{stage}-{key}.table"

    def known(self, file: Path | None) -> pa.Table | None:
        """Return what was decided, if it is kept whole."""
        with suppress(StorageError):  # what cannot be read is decided again
            if file is not None and (table := read_stored_table(file)) is not None:
                mark_used(file)
                return table
        return None

    def keep(self, file: Path | None, table: pa.Table) -> None:
        """Keep a decision; where nothing can be written, it is decided again next time."""
        with suppress(OSError, StorageError):
            if file is not None:
                write_stored_table(file, table)

    def table(self, stage: str, facts: Any, decide: Callable[[], pa.Table]) -> pa.Table:
        """Return what was decided, or decide and keep it.

        Args:
            stage: As in :meth:`file`, like ``facts``.
            facts: See ``stage``.
            decide: Decides.
        """
        file = self.file(stage, facts)
        if (table := self.known(file)) is None:
            table = decide()
            self.keep(file, table)
        return table


NOTHING_KEPT = DecidedTables()
"""Keeps nothing."""
