"""Find the parts of a source at a path: by names of files, and by their content where names fit several parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Part
from medqa_kit.catalog.places import Hub
from medqa_kit.errors import MedQAError, PartsWarning, SchemaMovedError, WrongFilesError, shorten
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.distributions.first_rows import FileTerms, first_rows, why_unreadable
from medqa_kit.loading.distributions.part_proof import (
    in_one_file,
    is_spoken_of,
    naming,
    ordinary,
    other_parts,
    part_names,
    refuse_same_name,
    to_name,
)
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import (
    FileListing,
    is_packed,
    named_files,
    saved_otherwise,
    still_closed,
    where_else,
)
from medqa_kit.loading.files.part_names import (
    BY_NAME,
    BY_STEM,
    fit_of_name,
    split_word,
    telling,
    words_fitted,
)
from medqa_kit.loading.readers.align import hint_for_files


@dataclass(frozen=True, kw_only=True)
class PathParts:
    """Finds the parts of a source at a path.

    Attributes:
        source: The source.
        parts: Those that were asked for.
        subset: The subset that was named, if any.
        split: The split that was named, if any; ``"all"`` for one table of all.
        layouts: Layouts of the parts that were asked for, by name, where choices change them.
        terms: What a person says of their files.
    """

    source: Source
    parts: tuple[Part, ...]
    subset: str | None = None
    split: str | None = None
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    terms: FileTerms = field(default_factory=FileTerms)

    def at(self, path: Path) -> dict[str, FileListing]:
        """Return the listing of each part that lies at a path, by the part's name.

        The name of one file is compared with the patterns of all parts of the source; of several
        parts that it fits, the one is taken whose columns and values its first rows have. A folder
        or an archive gives the parts it holds; a warning says which it lacks. Of a split that was
        named all parts must be there, since they become one table.

        Raises:
            WrongFilesError: The path holds none of the parts, or files whose part nothing tells.
        """
        if fetched := self._fetched(path):
            return self._all_there(path, fetched)
        part = self.parts[0].name if len(self.parts) == 1 else None
        try:
            listing = FileListing.of(path, source=self.source.name, part=part)
        except MedQAError as error:
            raise error.at(source=self.source.name, part=part) from error.__cause__
        if listing.lone:
            only = len(self.source.parts) == 1
            own = self.parts[:1] if only else self._of_file(listing.files[0], listing.root)
            return {part.name: listing for part in own}
        return self._all_there(path, self._of_folder(listing), listing)

    def _fetched(self, path: Path) -> dict[str, FileListing]:
        """Return the parts in a folder that has a folder for each repository, as fetching makes it."""
        there = {}
        for part in self.parts:
            at = self.source.layout_of(part).at
            own = path / at.folder if isinstance(at, Hub) else path
            if own != path and own.is_dir():
                listing = FileListing.of(own, source=self.source.name, part=part.name)
                if self._files(part, listing):
                    there[part.name] = listing
        return there

    def _all_there(
        self, path: Path, there: dict[str, FileListing], listing: FileListing | None = None
    ) -> dict[str, FileListing]:
        """Return the parts that are there; say which are not, or refuse that of a named split."""
        absent = [part for part in self.parts if part.name not in there]
        present = [part for part in self.parts if part.name in there]
        if absent and self.split is not None:
            listing = listing or FileListing.of(path, source=self.source.name, part=absent[0].name)
            raise self._absent(listing, absent[0], present)
        if absent:
            lacks = f"holds {part_names(present)}, and no files of {part_names(absent)}"
            closed = still_closed(listing.files) if listing else ""
            lacks += f"; there may be some in what is not looked into: {closed}" if closed else ""
            warn_at_caller(f"{self.source.name}: {str(path)!r} {lacks}", PartsWarning)
        return there

    def _of_file(self, file: File, path: Path) -> Sequence[Part]:
        """Return the one part that a file is of, or those that upstream has in one file."""
        if still_closed([file]) or saved_otherwise([file.name]):
            raise self._unnamed(file, path)
        fitting: Sequence[Part] = self._by_name(path)
        if self._named and not any(part in self.parts for part in fitting):
            fitting = [p for p in fitting if self._telling(p, path)]
            free = not fitting or is_spoken_of(self.parts, path, beside=fitting)
            fitting = self.parts if free and self._is_free(path) else fitting or self._by_word(path)
        asked = [p for p in fitting if p in self.parts] if self._named else ordinary(fitting)
        likely = self._likely(asked, fitting, path)
        chosen = self._by_columns(likely or fitting, file, path) or likely
        if not chosen:
            raise self._other_part(file, fitting) if fitting else self._unnamed(file, path)
        if len(chosen) > 1 and not in_one_file(chosen):
            alike, chosen = chosen, self._by_all(chosen, asked, file, path)
            if not chosen and len(asked) == 1:
                return asked  # reading says what is wrong with it
            if len(chosen) != 1:
                chosen = chosen or self._by_content(self.source.parts, file)
                raise self._unclear(file, chosen, alike, path)
        return chosen

    def _likely(self, asked: list[Part], fitting: Sequence[Part], path: Path) -> list[Part]:
        """Return some parts; as long as no subset is named, also those that a file may be of as well."""
        patterns = {p.name: list(map(p.pattern, self._layouts(p))) for p in self.source.parts}
        told = any(self._telling(part, path) for part in asked)
        others = [p for p in self.source.parts if self.split in (None, "all", p.split)]
        also = other_parts(asked, others, patterns, path, fitting=fitting if told else None)
        return asked + also if self.subset is None and asked else asked

    def _telling(self, part: Part, path: Path) -> bool:
        return self._fits(path, BY_STEM).get(part.name, (0, 0))[0] > 0  # "*.parquet" is no name

    def _by_columns(self, called: Sequence[Part], file: File, path: Path) -> list[Part]:
        """Return what a file that is called as a part by name only may be as well, and is by its columns."""
        if self.subset is not None or len(called) != 1 or not called[0].by_name_only:
            return []
        fits = self._fits(path, BY_STEM)
        others = [p for p in ordinary(self.parts) if p.name in fits and p != called[0]]
        if not others or any(rows is not None for rows in self._first_rows(called[0], file)):
            return []
        return self._by_content(others, file)

    def _of_folder(self, listing: FileListing) -> dict[str, FileListing]:
        """Return the parts that a folder holds; of parts with the same files, those the rows fit."""
        if not self._sharing(listing):
            listing = next(filter(self._sharing, listing.in_inner_folders()), listing)
        sharing = self._sharing(listing)
        if not sharing and not any(
            telling(part.pattern(self.source.layout_of(part))) for part in self.parts
        ):
            # nothing but the folders tells: those above the path may
            for higher in listing.in_own_folders():
                if any(self._files(part, higher) for part in self.source.parts):
                    sharing, listing = self._sharing(higher), higher
                    break
        if not sharing:
            return self._elsewhere(listing)
        files_by_name = {file.name: file for file in listing.files}
        there: dict[str, FileListing] = {}
        for names, alike in sharing.items():
            file = files_by_name[names[0]]
            if len(alike) == 1 or in_one_file(alike):
                there |= {part.name: listing for part in alike}
                continue
            fitting = self._by_content(alike, file)
            if len(fitting) != 1:
                told = fitting or self._by_content(self.source.parts, file)
                raise self._unclear(file, told, alike, listing.root / file.name)
            there[fitting[0].name] = listing
        return there

    def _sharing(self, listing: FileListing) -> dict[tuple[str, ...], list[Part]]:
        """Return the parts that were asked for and are there, by the names of their files."""
        sharing: dict[tuple[str, ...], list[Part]] = defaultdict(list)
        for part in self.parts:
            if files := self._files(part, listing):
                sharing[tuple(file.name for file in files)].append(part)
        return sharing

    def _elsewhere(self, listing: FileListing, least: int = BY_NAME) -> dict[str, FileListing]:
        """Return the parts of files in other folders than upstream's, file by file; else those in other formats."""
        files: dict[str, list[File]] = defaultdict(list)
        misfit: SchemaMovedError | None = None
        called: set[str] = set()
        for file in listing.files:
            fitting = self._by_name(listing.root / file.name, least=least, telling_alone=True)
            if not fitting:
                continue
            asked = [part for part in fitting if part in self.parts]
            only = self._named and asked and all(p.by_name_only for p in asked)
            own = asked if only else ordinary(fitting)
            likely = self._likely(own, fitting, listing.root / file.name)
            if max(len(fitting), len(likely)) > 1 or (asked and fitting[0].proof):
                asked = self._by_all(likely, own, file, listing.root / file.name)
                misfit = misfit or (None if asked else self._other_columns(file, fitting))
                if len(asked) > 1 and not in_one_file(asked):
                    raise self._unclear(file, asked, fitting, listing.root / file.name)
            called |= {part.name for part in (fitting if len(fitting) == 1 else asked)}
            for part in asked:
                refuse_same_name(file, files[part.name], self.source, part, stems=least < BY_NAME)
                files[part.name].append(file)
        there = {n: replace(listing, files=tuple(f), chosen=True) for n, f in files.items()}
        wanted = {part.name for part in self.parts}
        if not there and least == BY_NAME:
            return self._elsewhere(listing, BY_STEM)
        if not there.keys() & wanted:
            if misfit is not None and not there:
                raise misfit
            others = [p for p in self.source.parts if p.name in called or self._files(p, listing)]
            raise self._absent(listing, self.parts[0], others)
        return {name: own for name, own in there.items() if name in wanted}

    def _files(self, part: Part, listing: FileListing) -> list[File]:
        """Return the files that fit a part in any of its layouts."""
        files = (listing.fitting(part.pattern(layout)) for layout in self._layouts(part))
        return next(filter(None, files), [])

    def _layouts(self, part: Part) -> Iterator[Layout]:
        layout = self.layouts.get(part.name) or self.source.layout_of(part)
        yield from (layout, *layout.also)

    def _by_name(
        self, path: Path, *, least: int = BY_STEM, telling_alone: bool = False
    ) -> list[Part]:
        """Return the parts whose patterns a file fits best, or that say most of its name, whatever the ending."""
        fits = self._fits(path, least, telling_alone=telling_alone)
        best = max((fit for _, fit in fits.values()), default=0)
        meant = {name for name, own in fits.items() if own[1] == best or own == max(fits.values())}
        return [part for part in self.source.parts if part.name in meant]

    def _most_said(self, parts: Sequence[Part], path: Path) -> list[Part]:
        """Return those of some parts whose patterns say most of a file's name: ``Health-test`` more than ``**test*``."""
        fits = self._fits(path, BY_STEM)
        most = max((fits.get(part.name, (0, 0)) for part in parts), default=(0, 0))
        return [part for part in parts if fits.get(part.name, (0, 0)) == most]

    def _by_all(self, likely: list[Part], asked: list[Part], file: File, path: Path) -> list[Part]:
        """Return the likely parts whose columns a file has; of those asked for, the ones its name says most of."""
        there = self._by_content(likely, file)
        own = self._most_said([part for part in there if part in asked], path)
        return own + [part for part in there if part not in asked]

    def _fits(
        self, path: Path, least: int, *, telling_alone: bool = False
    ) -> dict[str, tuple[int, int]]:
        """Return for each part how much its pattern says of a file that fits, and how well it fits."""
        fits: dict[str, tuple[int, int]] = {}
        for part in self.source.parts:
            for pattern in map(part.pattern, self._layouts(part)):
                fit = fit_of_name(path, pattern)
                if fit >= least and (telling(pattern) or not telling_alone):
                    own = words_fitted(pattern, fit), fit
                    fits[part.name] = max(own, fits.get(part.name, own))
        return fits

    def _by_content(self, parts: Sequence[Part], file: File) -> list[Part]:
        """Return the parts whose columns a file has, and whose proof its first rows do not contradict."""
        return [part for part in parts if any(
            rows is not None and not pc.any(part.contradicting(rows)).as_py()
            for rows in self._first_rows(part, file)
        )]  # fmt: skip

    def _first_rows(self, part: Part, file: File) -> Iterator[pa.Table | None]:
        return (first_rows(each, [file], terms=self.terms) for each in self._layouts(part))

    def _is_free(self, path: Path) -> bool:
        """Check whether a file is not called by the word of a split other than those asked for."""
        free = (word := split_word(path.stem)) is None or not self._by_word(path)
        return free or any(split_word(part.split) in (None, word) for part in self.parts)

    def _by_word(self, path: Path) -> list[Part]:
        return [p for p in self.source.parts if split_word(p.split) == split_word(path.stem)]

    def _other_part(self, file: File, fitting: Sequence[Part]) -> WrongFilesError:
        others = self._by_content(fitting, file) or fitting
        return WrongFilesError(
            "the name of the file is that of another part", source=self.source.name, file=file.name,
            expected=f"a file of {part_names(self.parts)}",
            found=f"{file.name!r}, as {part_names(others)} is called",
            hint=f"{naming(others)}, or rename the file if it is what you asked for",
        )  # fmt: skip

    def _unnamed(self, file: File, path: Path) -> WrongFilesError:
        packed, layout_of = is_packed(file.name), self.source.layout_of
        return WrongFilesError(
            "this is an archive that is not looked into" if packed else "the name of the file fits no part",
            source=self.source.name, file=file.name, found=file.name,
            expected="a folder, a zip archive or a data file" if packed else shorten({p.pattern(layout_of(p)): 1 for p in self.parts}),
            hint=still_closed([file]) or saved_otherwise([file.name]) or to_name(self.parts, path),
        )  # fmt: skip

    def _unclear(
        self, file: File, fitting: Sequence[Part], alike: Sequence[Part], path: Path
    ) -> MedQAError:
        """Return why the part of a file is not told: by its columns, which no part has, or by its values."""
        if not fitting and (error := self._other_columns(file, alike)):
            return error
        return WrongFilesError(
            "nothing tells which part this file is of", source=self.source.name, file=file.name,
            expected=f"columns and values of one of {part_names(alike)}",
            found=f"those of {part_names(fitting)}" if fitting else "those of none",
            hint=to_name(fitting or alike, path),
        )  # fmt: skip

    def _other_columns(self, file: File, parts: Sequence[Part]) -> SchemaMovedError | None:
        """Return what is wrong with the columns of a file that may be of any of some parts, where they have equal ones."""
        first, *others = (self.source.layout_of(part) for part in parts)
        if any(not other.raw.equals(first.raw) for other in others):
            return None
        error = why_unreadable(first, file, terms=self.terms, source=self.source.name)
        if not isinstance(error, SchemaMovedError):
            return None
        error.part, error.hint = None, hint_for_files(error.hint or "")
        return error

    def _absent(self, listing: FileListing, part: Part, there: Sequence[Part]) -> WrongFilesError:
        return WrongFilesError(
            f"{str(listing.root)!r} holds none of the part's files", source=self.source.name,
            part=part.name, expected=part.pattern(next(self._layouts(part))),
            found=f"files of {part_names(there)}" if there else named_files(listing.files),
            hint=where_else(listing.files) if not there
            else still_closed(listing.files) or f"{naming(there)}, or add the files that are missing",
        )  # fmt: skip

    @property
    def _named(self) -> bool:
        return self.subset is not None or self.split not in (None, "all")
