"""Our ``datasets`` builder: one part, one pass, into the ordinary cache.

``load_dataset`` is not used, because it refuses repositories that carry a script, falls back to
any cached revision when the hub fails, and infers types file by file. Its builder class below it
is sound: file locks, progress bars, shards, an ``.incomplete`` folder that is renamed at the end.

``datasets`` patches ``open``, ``Path`` and readers of a dozen packages in the module of every builder, for
streaming, and imports what is installed of them, SciPy among it. Nothing here reads a file, so this module
says that it is patched; what touches the disk is in :mod:`medqa_kit.loading.preparing.part_folder`.
"""

from __future__ import annotations

import atexit
import hashlib
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from itertools import chain
from typing import Any
from weakref import WeakSet

import datasets
import pyarrow as pa
from datasets.builder import Key
from datasets.exceptions import DatasetGenerationError

from medqa_kit._version import __version__
from medqa_kit.core.arrow.ragged import distinct
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.code.digest import identity
from medqa_kit.core.code.files import code_files
from medqa_kit.core.progress import without_bars
from medqa_kit.errors import FileError, MedQAError
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.file_shards import file_shards
from medqa_kit.loading.part_warnings import warn_of_stream
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.preparing import part_folder
from medqa_kit.loading.preparing.part_rows import RunningCounts, part_rows
from medqa_kit.loading.preparing.quarantine import Quarantine
from medqa_kit.loading.preparing.shard_files import ShardFiles
from medqa_kit.loading.preparing.unique_ids import UniqueIds

_patched_for_streaming = True  # read by datasets.streaming; see above
_FORMAT = "1"  # raised when the way rows are written changes
_WRITTEN = 10_000  # rows in a record batch; ten times fewer writes than by default
_READING: WeakSet[Generator[tuple[Key, pa.Table], None, None]] = WeakSet()


@atexit.register
def _stop_reading() -> None:
    """End the streams that nobody read to their end, while what they are made of still stands."""
    for tables in [*_READING]:
        with suppress(ValueError):  # a thread is in the middle of it
            tables.close()


def cache_key(plan: Plan) -> str:
    """Return the name of a part's place in the cache.

    A changed normalizer, reader or revision can never meet the rows made by an old one. The
    version of a source is the promise; the digests of the code are the seat belt.

    Returns:
        Sixteen hexadecimal digits that change when anything the rows depend on does.
    """
    layout, kernel = plan.layout, plan.kernel
    ours = code_files(part_rows)
    facts = [
        _FORMAT, plan.source.name, str(plan.source.version), plan.part.name, plan.origin,
        plan.revision, plan.view, plan.on_bad, kernel.prefix, repr(kernel.language),
        repr(kernel.keep), layout.files, layout.raw.to_string(), layout.schema.to_string(),
        repr(layout.read), repr((layout.optional, sorted(layout.aliases.items()))),
        layout.extra, str(layout.repeats), ours.digest,
        *(identity(made_by, known=ours.modules) for made_by in (layout.normalize, layout.left_out)),
    ]  # fmt: skip
    return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]


class PartBuilder(datasets.ArrowBasedBuilder):
    """Prepares one part: downloads, normalises, writes Arrow; or streams the same rows.

    Args:
        plan: What to read and what to make of it.
        cache_dir: Root of the ``datasets`` cache; ``None`` is the usual one.
        digest_again: Whether to check the digests of prepared rows even where this process has.
        streaming: Whether the rows are only streamed.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        cache_dir: str | None = None,
        digest_again: bool = False,
        streaming: bool = False,
    ) -> None:
        self.plan, self._digest_again, self._streaming = plan, digest_again, streaming
        self._is_prepared, self._usual_root = False, ""
        self._job, self._count = 0, 0  # number of this job, and of all files
        self._digests = dict[tuple[int, int], str]()  # of files that this process has written
        super().__init__(
            cache_dir=cache_dir,
            dataset_name=f"medqa_kit___{plan.source.name}",
            config_name=plan.part.name.replace("/", "-"),
            hash=cache_key(plan),
            writer_batch_size=_WRITTEN,
        )
        self._cache_dir_root = self._usual_root
        if self._is_prepared:
            self.info = self._load_info()

    def _build_cache_dir(self) -> str:
        # Asked before datasets makes the cache folder, locks it, and believes what is in it. Rows
        # that are prepared or streamed need none of that, and may lie where nothing can be written:
        # a folder with a protocol, as a remote one has, is left alone.
        self._usual_root = self._cache_dir_root
        folder = str(super()._build_cache_dir())
        if not self._streaming:
            self._is_prepared = part_folder.is_whole(folder, again=self._digest_again)
        if self._streaming or self._is_prepared:
            self._cache_dir_root = f"unwritten://{self._usual_root}"
        return folder

    def _save_info(self) -> None:
        super()._save_info()  # the last of the files
        part_folder.sealed(self._output_dir, self._digests)

    def _info(self) -> datasets.DatasetInfo:
        source, plan = self.plan.source, self.plan
        invented = "INVENTED SAMPLE ROWS, not real data. " if plan.origin == "sample" else ""
        return datasets.DatasetInfo(
            description=f"{invented}{source.title}, part {plan.part.name}, {plan.origin} revision "
            f"{plan.revision}, normalised by medqa_kit {__version__} (source version "
            f"{source.version}, view {plan.view}).",
            citation=source.citation,
            license=" | ".join(
                claim.license or "no grant" for claim in source.license if claim.credible
            ),
            homepage=getattr(source.at, "url", ""),
            features=datasets.Features.from_arrow_schema(plan.schema),
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        if dl_manager.is_streaming:
            files = self.plan.supply.stream()
        else:
            part_folder.clear(self._output_dir)
            files = self.plan.supply.download()
        self._count = len(files)
        # A list is divided among num_proc workers, and a stream's among those that read it. Where repeated keys have to be told apart or
        # set aside in file order, or files make one record, the files stay together.
        layout = self.plan.layout
        together = (
            self.plan.repeats
            or layout.read.cells
            or layout.read.among
            or self.plan.on_bad == "drop"
        )
        return [
            datasets.SplitGenerator(
                name=self.plan.part.split,
                gen_kwargs={
                    "shards": (tuple(files),) if together else file_shards(files, layout.read)
                },
            )
        ]

    def _generate_tables(
        self, shards: Sequence[tuple[File, ...]]
    ) -> Generator[tuple[Key, pa.Table], None, None]:
        tables = self._tables(shards)
        _READING.add(tables)
        return tables

    def _tables(
        self, shards: Sequence[tuple[File, ...]]
    ) -> Generator[tuple[Key, pa.Table], None, None]:
        files = [*chain.from_iterable(shards)]
        ids, tally = UniqueIds(repeats=self.plan.repeats), RunningCounts()
        streaming = not self._output_dir.endswith(".incomplete")  # it writes nothing
        aside = None
        if self.plan.on_bad == "drop":
            place = None if streaming else part_folder.quarantine_file(self._output_dir, self._job)
            aside = Quarantine(place)
        if streaming:
            with typed_errors(files[0].path if files else self.plan.revision):
                yield from _keyed(part_rows(self.plan, files, ids, aside=aside, tally=tally))
            warn_of_stream(
                self.plan, _counts(tally, aside), aside.first if aside else None, whole=len(files) == self._count
            )  # fmt: skip
            return
        folder = self._output_dir
        yield from _keyed(part_rows(self.plan, files, ids, aside=aside, tally=tally))
        _counts(tally, aside).write(folder, self._job)
        if len(files) < self._count:
            part_folder.write_hashes(folder, self._job, ids.hashes)

    def _prepare_split(
        self,
        split_generator: datasets.SplitGenerator,
        file_format: str = "arrow",
        num_proc: int | None = None,
        max_shard_size: str | int | None = None,
    ) -> None:
        shards = split_generator.gen_kwargs["shards"]
        jobs = min(num_proc or 1, len(shards)) if isinstance(shards, list) else 1
        try:
            before = self.plan.supply.state()
            super()._prepare_split(split_generator, file_format, jobs, max_shard_size)
            self._refuse_changed(before)
            hashes = part_folder.take_hashes(self._output_dir)
            if len(distinct(hashes)) < len(hashes):  # each job saw its own ids only: who is it?
                files = [*chain.from_iterable(shards)]
                for _ in part_rows(self.plan, files, UniqueIds(repeats=False)):
                    pass
        except MedQAError as error:
            raise _Carrier(error) from error

    def _refuse_changed(self, before: str) -> None:
        """Refuse rows of files that somebody wrote to meanwhile: the cache knows them by their content."""
        if self.plan.supply.state() != before:
            raise FileError(
                "the files have changed while they were read", source=self.plan.source.name,
                part=self.plan.part.name, expected="files that stay as they are",
                found="another size, time or inode",
                hint="wait until nothing writes to them, then load again",
            )  # fmt: skip

    def _prepare_split_single(
        self,
        gen_kwargs: dict[str, Any],
        fpath: str,
        file_format: str,
        max_shard_size: int,
        job_id: int,
    ) -> Iterator[Any]:
        # As of datasets, but for the thread that writes, and for our errors, which come home as
        # themselves, from worker processes too, where causes get lost.
        self._job = job_id
        rows, told = 0, time.time()
        try:
            with (
                ShardFiles(
                    self.info.features,
                    lambda n: fpath.replace("JJJJJ", f"{job_id:05d}").replace("SSSSS", f"{n:05d}"),
                    most_bytes=max_shard_size,
                    batch_rows=self._writer_batch_size,
                ) as files,
                closing(self._generate_tables(**gen_kwargs)) as tables,
            ):
                for _, table in tables:
                    files.add(table)
                    rows += table.num_rows
                    if time.time() > told + datasets.config.PBAR_REFRESH_TIME_INTERVAL:
                        yield job_id, False, rows
                        rows, told = 0, time.time()
            yield job_id, False, rows
        except MedQAError:
            raise
        except Exception as error:
            raise DatasetGenerationError("the rows could not be written") from error
        self._digests |= files.digests
        total = sum(files.lengths)
        counts = (
            total,
            files.size,
            self.info.features,
            len(files.lengths),
            files.lengths,
            1,
            [total],
        )
        yield job_id, True, counts

    def download_and_prepare(self, *args: Any, **kwargs: Any) -> None:
        """Prepare the part, if it is not yet; errors of the library come out as themselves."""
        if self._is_prepared:
            return
        try:
            # Samples are a few rows, of which there is nothing to watch.
            unseen = without_bars() if self.plan.origin == "sample" else nullcontext()
            with typed_errors(self.cache_dir), unseen:
                super().download_and_prepare(*args, **kwargs)
        except _Carrier as carrier:
            raise carrier.error from carrier.error.__cause__

    def content(self) -> str:
        """Return a digest of the prepared rows."""
        return part_folder.rows_digest(self.cache_dir)

    def report(self) -> part_folder.PartCounts:
        """Return what was counted when the part was prepared."""
        return part_folder.PartCounts.of(self.cache_dir)


class _Carrier(Exception):
    """Carries an error of the library past ``datasets``, which rewords every ``OSError``."""

    def __init__(self, error: MedQAError) -> None:
        super().__init__(str(error))
        self.error = error


def _counts(tally: RunningCounts, aside: Quarantine | None) -> part_folder.PartCounts:
    return part_folder.PartCounts(
        tally.read + (aside.unreadable if aside else 0), tally.made, tally.origins, tally.absent,
        dict(aside.counts) if aside else {}, tally.left_out, tally.passed_over,
        doubts=tuple(tally.doubts),
    )  # fmt: skip


def _keyed(tables: Iterator[pa.Table]) -> Iterator[tuple[Key, pa.Table]]:
    return ((Key(0, number), table) for number, table in enumerate(tables))
