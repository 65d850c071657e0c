"""The plan of one part: all that is decided before anything is read.

A :class:`Plan` pins everything the rows depend on: the files and their revision, how they are
decoded, the normalizer and its version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part, PinnedFile
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import CorruptedError
from medqa_kit.loading.files.content_digests import FileDigests, content_digests
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import FileListing, local_files
from medqa_kit.loading.files.shards import refuse_empty, refuse_missing
from medqa_kit.loading.files.twin_files import (
    refuse_copies_by_name,
    refuse_equal_content,
    refuse_equal_digests,
    refuse_equal_folders,
)
from medqa_kit.loading.files.unread_archives import refuse_unread_archives
from medqa_kit.loading.hub.digest import Digest
from medqa_kit.loading.hub.repository import Repo
from medqa_kit.loading.normalizer import NormalizedBatch, Normalizer
from medqa_kit.loading.request import Origin

# What layouts make of no rows: kernels run once to learn it, not once a part and call. Layouts hold
# mappings, so they are known by identity.
_SCHEMAS: dict[tuple[int, bool, tuple[str, ...]], tuple[Layout, pa.Schema]] = {}
_MOST_SCHEMAS = 1_000


class Supply(Protocol):
    """Where the files of one part come from."""

    def download(self) -> list[File]:
        """Return the files on this machine, fetched and checked if need be."""

    def stream(self) -> list[File]:
        """Return the files for reading in place."""

    def digests(self) -> dict[str, str]:
        """Return the digest of each file by name."""

    def state(self) -> str:
        """Return what changes when a file does, without reading any."""


@dataclass(frozen=True)
class HubSupply:
    """Files of a repository at a commit.

    Attributes:
        repo: The repository.
        pattern: What the files of the part are called.
        part: For error messages.
        known: What the catalogue knows of the bytes of these files, if anything.
    """

    repo: Repo
    pattern: str
    part: str
    known: tuple[PinnedFile, ...] = ()

    def download(self) -> list[File]:
        """See :class:`Supply`."""
        return [self.repo.download(name, digest) for name, digest in self._expected.items()]

    def stream(self) -> list[File]:
        """See :class:`Supply`."""
        return [self.repo.remote(name, digest) for name, digest in self._expected.items()]

    def digests(self) -> dict[str, str]:
        """See :class:`Supply`."""
        return {name: str(digest) for name, digest in self._matching_files.items()}

    def state(self) -> str:
        """See :class:`Supply`; a commit does not change."""
        return self.repo.commit

    @cached_property
    def _matching_files(self) -> dict[str, Digest]:
        files = self.repo.find(self.pattern, part=self.part)
        place = f"in {self.repo.repo} at {self.repo.commit[:7]}"
        where = {"source": self.repo.source, "part": self.part}
        refuse_missing(list(files), self.pattern, place=place, **where)
        refuse_empty({name: digest.size for name, digest in files.items()}, **where)
        full = {name: digest for name, digest in files.items() if digest.size}
        refuse_equal_digests(full, **where)
        return files

    @cached_property
    def _expected(self) -> dict[str, Digest]:
        """What the bytes have to be: what the catalogue knows of them, else what the hub lists."""
        if not self.known:
            return self._matching_files
        known = {file.name: Digest(file.size, file.sha256) for file in self.known}
        moved = sorted(known.keys() ^ self._matching_files.keys()) or [
            name for name, digest in self._matching_files.items() if digest.contradicts(known[name])
        ]
        if moved:
            listed = {name: str(digest) for name, digest in self._matching_files.items()}
            raise CorruptedError(
                f"other files are listed for {self.repo.repo} at {self.repo.commit[:7]} than the "
                "catalogue knows of this commit", source=self.repo.source, part=self.part,
                file=moved[0], expected=str(known.get(moved[0], "no such file")),
                found=listed.get(moved[0], "no such file"),
                hint="check HF_ENDPOINT: a mirror may hold other data; path= reads files you trust",
            )  # fmt: skip
        return known


@dataclass(frozen=True)
class PathSupply:
    """Files below a folder, in an archive, or one file."""

    path: Path
    files: tuple[File, ...]

    @classmethod
    def of(
        cls, listing: FileListing, pattern: str, *, source: str, part: str, tree: bool = False
    ) -> PathSupply:
        """Take the files of a part from what lies at a path.

        Args:
            listing: What lies there.
            pattern: What the files of the part are called.
            source: For error messages, like ``part``.
            part: See ``source``.
            tree: Whether each file is one small record: equal ones are copies of a record, which
                ids tell apart.

        Raises:
            WrongFilesError: There are none, some are missing, or some are there twice.
        """
        files = local_files(listing, pattern, source=source, part=part)
        place = f"below {str(listing.root)!r}"
        if not listing.lone:
            # who names one file means that one; who names a folder means all of the part
            names = [file.name for file in files]
            there = (file.name for file in listing.files)
            refuse_copies_by_name(names, beside=there, source=source, part=part)
            refuse_missing(names, pattern, source=source, part=part, place=place)
            refuse_unread_archives(files, listing.files, pattern, source=source, part=part)
            if tree:
                refuse_equal_folders(files, source=source, part=part)
            else:
                refuse_empty({file.name: file.size for file in files}, source=source, part=part)
                refuse_equal_content(files, source=source, part=part)
        return cls(listing.root, tuple(files))

    def download(self) -> list[File]:
        """See :class:`Supply`."""
        return list(self.files)

    stream = download

    def digests(self) -> dict[str, str]:
        """See :class:`Supply`; of members of an archive, that of the archive."""
        whole = {path: str(Digest.of(Path(path))) for path in self._paths}
        return {file.name: whole[file.path] for file in self.files}

    def state(self) -> str:
        """See :class:`Supply`."""
        return self.revision("never")

    def revision(self, when: FileDigests) -> str:
        """Return a digest of names and contents: an edited file is another revision."""
        contents = content_digests(self._paths, when=when)
        named = [f"{file.name}\0{file.member}\0{contents[file.path]}" for file in self.files]
        digest = hashlib.sha256("\0".join(named).encode("utf-8", "surrogateescape"))
        return f"files-{digest.hexdigest()[:16]}"

    @property
    def _paths(self) -> list[str]:
        return list(dict.fromkeys(file.path for file in self.files))


@dataclass(frozen=True)
class Plan:
    """Everything the rows of one part depend on.

    Attributes:
        source: The source.
        part: The part.
        kernel: Makes the rows.
        view: ``"raw"``, or a normalised view the kernel already is for.
        supply: Gives the files.
        origin: Where the files come from.
        revision: Commit the files are of; for local files a digest of names and contents.
        on_bad: What to do with rows that are not as declared.
        pinned: Whether these are the files the catalogue counted, so that counts must agree.
        floating: Whether the commit is what a branch stood at today.
        plain: Whether these are the rows one gets without asking for a view or a choice.
    """

    source: Source
    part: Part
    kernel: Normalizer
    view: str
    supply: Supply
    origin: Origin
    revision: str
    on_bad: RaiseOrDrop = "raise"
    pinned: bool = field(default=False, compare=False)
    floating: bool = field(default=False, compare=False)
    plain: bool = field(default=True, compare=False)

    @property
    def layout(self) -> Layout:
        """How the files lie and are decoded."""
        return self.kernel.layout

    @property
    def repeats(self) -> bool:
        """Whether two rows may share a key: the raw view shows those that should not, too."""
        return self.layout.repeats or self.view == "raw"

    @cached_property
    def schema(self) -> pa.Schema:
        """Schema of the rows this plan yields: the same for all plans of one layout."""
        known_by = id(self.layout), self.view == "raw", self.kernel.keep
        layout, schema = _SCHEMAS.get(known_by, (None, None))
        if schema is None or layout is not self.layout:
            schema = self.rows(self.layout.raw.empty_table()).schema
            if len(_SCHEMAS) >= _MOST_SCHEMAS:
                _SCHEMAS.clear()
            _SCHEMAS[known_by] = (
                self.layout,
                schema,
            )  # the layout as well, so that its id stays taken
        return schema

    def rows(self, raw: pa.Table) -> pa.Table:
        """Make rows of one batch of raw rows."""
        return self.batch(raw).table

    def batch(self, raw: pa.Table) -> NormalizedBatch:
        """Make rows of one batch of raw rows, with what they are made of and what is left out."""
        return self.kernel.raw_batch(raw) if self.view == "raw" else self.kernel.batch(raw)
