"""``verify``: check whether a result is still as it was built and may still be trained on, without a network."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.file_digests import CHECKSUMS, MANIFEST, all_files, checksums
from medqa_kit.building.output.format_counts import format_counts
from medqa_kit.building.output.format_files import SPLITS
from medqa_kit.building.output.formats import DROPPED_FOLDER
from medqa_kit.building.output.listings import DROPPED
from medqa_kit.building.output.written_rows import WrittenRows, dropped_tables
from medqa_kit.building.work.holdout_items import SourceFiles, holdout_items
from medqa_kit.building.written_manifest import no_manifest, written_manifest
from medqa_kit.catalog import Terms, source
from medqa_kit.catalog.licenses import strictest
from medqa_kit.core.arguments import file_path, home_path, instance
from medqa_kit.core.report import FINDING_FIELDS, Report
from medqa_kit.core.stored import has_own_digest, sha256_of
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import ArgumentError, MedQAError, WrongFilesError
from medqa_kit.loading.hub.hub_request import asking_nobody

FAULTS = {
    "manifest": "the manifest is not as it was written",
    "absent": "a file is not there",
    "changed": "the bytes of a file are not those that were built",
    "unlisted": "a file that the build did not write",
    "unreadable": "a file of rows cannot be read",
    "schema": "rows of another shape than their record has",
    "count": "numbers that do not add up",
    "repeated": "an id that comes twice",
    "license": "a licence that does not grant the use, today or when it was built",
    "held_out": "a row that holds an item of a holdout",
    "unchecked": "a holdout whose items are not on this machine",
}
"""What :func:`verify` finds."""


def verify(
    out: str | os.PathLike[str],
    *,
    holdouts: Iterable[Holdout] = (),
    cache_dir: str | os.PathLike[str] | None = None,
) -> Report:
    """Check a result of :func:`medqa_kit.build`: files, numbers, licences and holdouts.

    It compares every file with the digest in the manifest, counts the rows of each source again, compares the
    licences with those of the catalogue now, and searches the rows for the items of all holdouts that the build
    applied. It makes no request to a hub: holdouts whose items are not on this machine are ``unchecked``.

    Args:
        out: The folder of the result.
        holdouts: Further holdouts to search for, such as saved ones. One with the name of a holdout that the build
            applied is used instead of it.
        cache_dir: Root of the ``datasets`` cache, where the items of holdouts are.

    Returns:
        The report: a sound result has no findings. ``row`` counts through train, then validation, and is
        null where a finding is about a file or a source; ``code`` is a key of :data:`FAULTS`.

    Raises:
        WrongFilesError: There is no such result.
        FormatError: Its manifest cannot be read as one.
        StorageError: It cannot be read.

    Example:
        >>> import tempfile
        >>> from medqa_kit.building.pipeline import build
        >>> recipe = {"name": "demo", "source": [{"name": "kormedmcqa", "subset": "doctor"}]}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = build(recipe, out=f"{folder}/demo", origin="sample")
        ...     verify(result.path).dropped
        0
    """
    given = tuple(
        instance("holdouts", holdout, Holdout, expected="a list of Holdout",
                 hint="Holdout.load(path) reads a saved one")
        for holdout in ([holdouts] if isinstance(holdouts, Holdout) else holdouts)
    )  # fmt: skip
    result = _Result.read(file_path("out", out))
    try:
        return result.report(given, cache_dir)
    except (KeyError, TypeError, AttributeError, ArgumentError) as error:
        raise no_manifest(result.folder, error) from error


_Finding = tuple[int | None, str | None, str, str]


def _whole(code: str, detail: str) -> _Finding:
    """Return a finding about a file or a source."""
    return None, None, code, detail


def _named(holdouts: Iterable[Holdout]) -> dict[str, Holdout]:
    return {holdout.name: holdout for holdout in holdouts}


@dataclass(frozen=True)
class _Result:
    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> _Result:
        return cls(folder, written_manifest(folder))

    def report(
        self, given: tuple[Holdout, ...], cache_dir: str | os.PathLike[str] | None
    ) -> Report:
        """Look at everything; of a manifest that was edited, nothing but the list of files is believed."""
        findings, believed = list(self.files()), has_own_digest(self.manifest)
        applied = (
            {entry["name"]: None for entry in self.manifest["holdouts"] if entry["applied"]}
            if believed
            else {}
        )
        searched: dict[str, Holdout | None] = {**applied, **_named(given)}
        if believed:
            findings += [*self.numbers(), *self.licences()]
        entry = list(self.held_out(searched, cache_dir))
        rows = sum(self.manifest["totals"][split] for split in SPLITS)
        schema = pa.schema(list(FINDING_FIELDS))
        listed = [dict(zip(schema.names, finding, strict=True)) for finding in [*findings, *entry]]
        return Report(
            "verify", rows=rows, kept=rows - len({row for row, *_ in entry if row is not None}),
            findings=pa.Table.from_pylist(listed, schema),
            counts={"files": len(self.manifest["files"]), "holdouts": len(searched)},
            notes=() if believed else ("the manifest is not as it was written: its numbers, licences and "
                                       "holdouts were not looked at",),
        )  # fmt: skip

    def files(self) -> Iterator[_Finding]:
        """Compare the files with what the manifest lists."""
        believed = has_own_digest(self.manifest)
        if not believed:
            yield _whole("manifest", "its digest is not that of what it says")
        listed = self.manifest["files"]
        for name, facts in listed.items():
            file = self.folder / name
            if not file.is_file():
                yield _whole("absent", name)
            elif (digest := sha256_of(file)) != facts["sha256"]:
                yield _whole("changed", f"{name}: {file.stat().st_size:,} bytes, sha256 {digest}; "
                                        f"built were {facts['bytes']:,}, sha256 {facts['sha256']}")  # fmt: skip
        sums = self.folder / CHECKSUMS
        if not sums.is_file():
            yield _whole("absent", CHECKSUMS)
        elif believed and sums.read_bytes() != checksums(self.folder, listed):
            yield _whole("changed", f"{CHECKSUMS}: it does not list the digests of the files")
        for name in sorted(all_files(self.folder)):
            if name not in {*listed, MANIFEST, CHECKSUMS}:
                yield _whole("unlisted", name)

    @cached_property
    def formats(self) -> tuple[WrittenRows, ...]:
        """The formats; they hold the same rows."""
        return WrittenRows.of(self.folder, self.manifest)

    def numbers(self) -> Iterator[_Finding]:
        """Count the rows again, by source, split and reason."""
        counts = {rows.form.name: format_counts(rows, SPLITS) for rows in self.formats}
        gone = self._dropped()
        for counted in counts.values():
            yield from (_whole(code, detail) for code, detail in counted.problems)
        if gone is None:
            yield _whole("unreadable", DROPPED_FOLDER)
        if gone is None or not all(counted.readable for counted in counts.values()):
            return
        (main, first), *others = counts.items()
        yield from self._sums(first.by_source, gone)
        for name, other in others:
            if other.ids != first.ids:
                yield _whole("count", f"the rows of {name} are not those of {main}")
        every = [*first.ids.values(), gone["id"].cast(pa.large_string())]
        ids = pa.chunked_array(
            [chunk for part in every for chunk in part.chunks], pa.large_string()
        )
        counted_ids = pc.value_counts(ids)
        repeated = counted_ids.filter(pc.greater(counted_ids.field("counts"), 1))
        for each in repeated.to_pylist():  # none, or few
            yield None, each["values"], "repeated", f"{each['counts']} times"

    def _dropped(self) -> pa.Table | None:
        """Return the rows that were left out; ``None`` where the list cannot be read."""
        try:
            tables = list(dropped_tables(self.folder, self.manifest))
            return pa.concat_tables([DROPPED.empty_table(), *tables])
        except (OSError, pa.ArrowException):
            return None

    def _sums(self, written: Mapping[str, Counter[str]], listed: pa.Table) -> Iterator[_Finding]:
        sources = self.manifest["sources"]
        gone: dict[str, Counter[str]] = {each["name"]: Counter() for each in sources}
        for row in listed.group_by(["source", "reason"]).aggregate([([], "count_all")]).to_pylist():
            gone.setdefault(row["source"], Counter())[row["reason"]] += row["count_all"]
        for name in gone:  # a recipe may list a source several times, for its years or slices
            entries = [each for each in sources if each["name"] == name]
            now = {**{split: written[split][name] for split in SPLITS}, "dropped": dict(gone[name])}
            then = {split: sum(each[split] for each in entries) for split in SPLITS}
            dropped: Counter[str] = sum((Counter(each["dropped"]) for each in entries), Counter())
            if entries and now != {**then, "dropped": dict(dropped)}:
                yield _whole("count", f"{name}: the files hold {now}, the manifest says "
                                      f"{ {**then, 'dropped': dict(dropped)} }")  # fmt: skip
        for each in sources:
            rows = sum(part["rows"] for part in each["parts"].values())
            copies = each.get("repeated", 0)
            total = each["train"] + each["validation"] + sum(each["dropped"].values()) - copies
            if not each["read"] == rows == total:
                yield _whole("count", f"{each['name']}: {each['read']:,} rows read, {rows:,} in its parts, "
                                      f"{total:,} written or dropped")  # fmt: skip
        for key in ("read", *SPLITS):
            if self.manifest["totals"][key] != sum(each[key] for each in sources):
                yield _whole("count", f"the total of {key} is not the sum of the sources")
        if strays := {*gone, *chain(*written.values())} - {each["name"] for each in sources}:
            yield _whole(
                "count", f"rows of sources that the manifest does not list: {sorted(strays)}"
            )

    def licences(self) -> Iterator[_Finding]:
        """Hold the sources to the use they were built for, by the claims of then and of today."""
        use, accepted = self.manifest["recipe"]["use"], self.manifest["recipe"]["accept"]
        for each in self.manifest["sources"]:
            name = each["name"]
            if name in accepted:
                continue
            if getattr(Terms(**each["terms"]), use) != "yes":
                yield _whole("license", f"{name}: {use} use was not granted when it was built")
            if each.get("own"):
                continue
            try:
                today = source(name)
            except MedQAError:
                yield _whole("license", f"{name}: it is not in the catalogue of this version")
                continue
            parts = [part for part in today.parts if part.name in each["parts"]]
            if getattr(strictest(today.claims_on(parts)), use) != "yes":
                yield _whole("license", f"{name}: {use} use is not granted by what is known today")

    def held_out(
        self, searched: Mapping[str, Holdout | None], cache_dir: str | os.PathLike[str] | None
    ) -> Iterator[_Finding]:
        """Search the rows for the items of all holdouts."""
        holdouts = {}
        for name, holdout in searched.items():
            try:
                holdouts[name] = holdout or self._items(name, cache_dir)
            except MedQAError as error:
                yield _whole("unchecked", f"{name}: {error.what}; {error.hint}")
        begin = 0
        for table in self._tables():
            for name, items in holdouts.items():
                for match in dropped_rows(search(table, items)).to_pylist():  # none, or few
                    yield (
                        begin + match["row"],
                        match["id"],
                        "held_out",
                        f"{name}: {match['detail']}",
                    )
            begin += table.num_rows

    def _tables(self) -> Iterator[pa.Table]:
        """Read the rows, train first, as far as they can be read; of a manifest that was edited, as far as it says."""
        try:
            first = self.formats[0]
        except ArgumentError:
            if has_own_digest(self.manifest):
                raise
            return
        for split in first.splits:
            with suppress(OSError, pa.ArrowException):
                yield from (
                    table for table in first.tables(split) if {"id"} <= {*table.column_names}
                )

    def _items(self, name: str, cache_dir: str | os.PathLike[str] | None) -> Holdout:
        entries = [each for each in self.manifest["holdouts"] if each["name"] == name]
        entry: Mapping[str, Any] = entries[0] if entries else {}
        if "file" in entry:
            return self._saved(home_path("file", entry["file"]), entry["sha256"])
        files_of: dict[str, list[SourceFiles]] = {}
        for ingredient in self.manifest["recipe"]["sources"]:
            if ingredient["path"]:
                files = SourceFiles(Path(ingredient["path"]), ingredient.get("columns") or {})
                files_of.setdefault(ingredient["name"], []).append(files)
        with asking_nobody(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the manifest said it when the result was built
            return holdout_items(
                name, files_of, origin=self.manifest["origin"], cache_dir=cache_dir
            )

    def _saved(self, said: Path, digest: str) -> Holdout:
        """Load a saved holdout from where the recipe said, by its digest.

        The recipe may have stood where we are, or beside the result.
        """
        places = [
            folder / said for folder in (Path(), self.folder.parent, self.folder.parent.parent)
        ]
        there = [place for place in dict.fromkeys(places) if place.is_file()]
        for place in there:
            if sha256_of(place) == digest:
                return Holdout.load(place)
        raise WrongFilesError(
            "the file of this holdout is another one" if there else "the file of this holdout is not here",
            file=str(there[0] if there else said), expected=f"sha256 {digest}",
            found=f"sha256 {sha256_of(there[0])}" if there else "no file",
            hint="pass holdouts=[mk.Holdout.load(file)]",
        )  # fmt: skip
