"""``check_source``: check a new source for everything that all sources must keep."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pyarrow as pa

from medqa_kit.catalog import Part, Source
from medqa_kit.core.arguments import file_path, instance
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.report import Report
from medqa_kit.errors import FloatingRevisionWarning, LicenseWarning, RowCountWarning, SafetyWarning
from medqa_kit.loading.load import load
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.planner import part_plans
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.request import LoadRequest

_SAID = (LicenseWarning, FloatingRevisionWarning, SafetyWarning, RowCountWarning)

_ALONE = 64  # rows that are normalised each by itself


def check_source(
    source: Source,
    *,
    path: str | os.PathLike[str],
    cache_dir: str | os.PathLike[str] | None = None,
) -> Report:
    """Check whether a source keeps the contract of the catalogue, on sample files of all its parts.

    Args:
        source: The source.
        path: Sample files in upstream's layout, as for :func:`medqa_kit.load`.
        cache_dir: Root of the ``datasets`` cache.

    Returns:
        The report, with one finding a part and broken promise. ``code`` is ``stream`` or ``raw_stream``
        (a stream has other rows); ``neighbours`` (rows change with those beside them), ``unsteady``
        (the same call, other rows) or ``unpicklable`` of the function that normalises; ``evidence``, where a licence claim does not say where it was read.
        ``id`` is the name of the part, or of the source.

    Raises:
        MedQAError: The files cannot be loaded at all; see :func:`medqa_kit.load`.

    Example:
        >>> from medqa_kit.catalog import source
        >>> from medqa_kit.loading.planner import SAMPLES
        >>> len(check_source(source("kbmc"), path=SAMPLES / "kbmc").findings)
        0
    """
    instance("source", source, Source, expected="a medqa_kit.Source", hint="pass SOURCE itself")
    where = file_path("path", path)
    broken: list[tuple[str, str, str]] = list(_claims(source))
    rows = 0
    with typed_errors(where), warnings.catch_warnings():
        for about in _SAID:
            warnings.simplefilter("ignore", category=about)
        for each in part_plans(source, source.parts, LoadRequest(origin="path", path=where)):
            raw = _raw(each)
            rows += raw.num_rows
            broken += [(each.part.name, *problem) for problem in _kernel(each, raw)]
            broken += [
                (each.part.name, *problem)
                for problem in _loading(source, each.part, where, cache_dir)
            ]
    names, codes, details = zip(*broken, strict=True) if broken else ((), (), ())
    findings = pa.table({
        "row": pa.nulls(len(broken), pa.int64()), "id": pa.array(names, pa.string()),
        "code": pa.array(codes, pa.string()), "detail": pa.array(details, pa.string()),
    })  # fmt: skip
    return Report("check_source", rows=rows, kept=rows, findings=findings, took_out=False)


def _raw(each: Plan) -> pa.Table:
    batches = read_files(
        each.supply.download(), each.layout, source=each.source.name, part=each.part.name
    )
    return pa.concat_tables([batch.table for batch in batches])


def _claims(source: Source) -> Iterator[tuple[str, str, str]]:
    for claim in source.license:
        if len(claim.evidence) <= 8:
            yield source.name, "evidence", f"say where the claim {claim.license!r} was read"


def _kernel(each: Plan, raw: pa.Table) -> Iterator[tuple[str, str]]:
    """Hold the function that normalises to the laws of kernels."""
    kernel = each.kernel
    rows = kernel(raw)
    if not kernel(raw).equals(rows):
        yield "unsteady", "a second call with the same table makes other rows"
    try:
        twin = pickle.loads(pickle.dumps(kernel))
    except Exception as error:  # whatever a kernel of others raises
        yield "unpicklable", f"{type(error).__name__}: {error}"
    else:
        if not twin(raw).equals(rows):
            yield "unpicklable", "its copy makes other rows"
    half = raw.num_rows // 2
    single = [*range(min(raw.num_rows, _ALONE)), raw.num_rows]
    for bounds in ([0, half, raw.num_rows], single):
        pieces = [kernel(raw.slice(a, b - a)) for a, b in pairwise(bounds)]
        if pa.concat_tables(pieces).to_pylist() != rows.to_pylist():
            yield "neighbours", f"cut into {len(pieces)} tables, the rows are others"
            return


def _loading(source: Source, part: Part, path: Any, cache_dir: Any) -> Iterator[tuple[str, str]]:
    """Load a part in all ways, and compare."""
    for view, code in (("normalized", "stream"), ("raw", "raw_stream")):
        stored, streamed = (
            load(source, subset=part.subset, split=part.split, view=view, path=path,
                 streaming=streaming, cache_dir=cache_dir)
            for streaming in (False, True)
        )  # fmt: skip
        if list(stored) != list(streamed):
            yield code, f"streamed, the {view} rows are others"
