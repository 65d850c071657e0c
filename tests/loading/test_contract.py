"""What holds for every source: no file passes for what it is not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import medqa_kit as mk
from laws import cases
from medqa_kit.catalog import Part, Source
from medqa_kit.core.answer_number import AnswerNumber
from medqa_kit.loading.files.file import File
from medqa_kit.loading.plan import Plan
from medqa_kit.loading.planner import part_plans
from medqa_kit.loading.preparing.answer_bases import AnswerBases
from medqa_kit.loading.readers.read_task import RawBatch
from medqa_kit.loading.request import LoadRequest
from sample_parts import LOADABLE, raw_parts

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")

TREES = ("json-tree", "keyed-json", "token-blocks")


def files_of(source: Source, part: Part) -> list[File]:
    (plan,) = part_plans(source, [part], LoadRequest(origin="sample"))
    return plan.supply.download()


def laid_out(files: list[File], root: Path) -> Path:
    """A folder with the files under their own names."""
    for file in files:
        (root / file.name).parent.mkdir(parents=True, exist_ok=True)
        with file.open() as handle:
            (root / file.name).write_bytes(handle.read())
    return root


def told(asked: dict[str, Any]) -> str:
    """Why files are refused; nothing where they are read."""
    try:
        mk.load(**asked)
    except mk.errors.WrongFilesError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", [n for n in LOADABLE if len(mk.source(n).parts) > 1])
def test_the_files_of_one_part_are_not_those_of_another(name: str, tmp_path: Path) -> None:
    """A part's files, in a folder and each by itself, asked for as each other part: refused or right."""
    source = mk.source(name)
    tests = [part for part in source.parts if part.evaluation] or list(source.parts)
    for number, part in enumerate(tests[:2]):
        files = files_of(source, part)
        where = laid_out(files, tmp_path / str(number))
        lone = where / files[0].name
        for other in [p for p in source.parts if p.name != part.name][:2]:
            if other.pattern(source.layout_of(other)) == part.pattern(source.layout_of(part)):
                continue  # one file, or files of one name, of both
            if source.layout_of(other).read.among or source.layout_of(part).read.among:
                continue  # parted by lists of ids
            for path in (where, lone):
                with pytest.raises(mk.errors.MedQAError, match="Hint: "):
                    mk.load(name, subset=other.subset, split=other.split, path=path)


@pytest.mark.parametrize("name", cases(LOADABLE))
def test_no_file_is_read_twice_under_two_names(name: str, tmp_path: Path) -> None:
    source = mk.source(name)
    part = next((p for p in source.parts if p.evaluation), source.parts[0])
    if source.layout_of(part).read.format in TREES:
        pytest.skip("a file is a record there: ids tell equal ones apart, or refuse them")
    files = files_of(source, part)
    where = laid_out(files, tmp_path)
    request = {"name": name, "subset": part.subset, "split": part.split, "path": where}
    once = mk.load(**request)["id"][:]
    file = where / files[0].name
    for second in (f"{file.stem} (1){file.suffix}", f"{file.stem}-0123456789abcdef{file.suffix}"):
        copy = Path(shutil.copy(file, file.with_name(second)))
        assert second in told(request) or mk.load(**request)["id"][:] == once
        copy.unlink()


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.slow
def test_shifted_answers_are_seen_in_every_source_that_numbers_them(name: str) -> None:
    numbered = [
        (plan, raw, gold) for plan, raw in raw_parts(name) if (gold := plan.layout.gold) is not None
    ]
    for plan, raw, gold in numbered:
        assert shift_seen(plan, raw, gold, by=0) == ""
        assert f"counts from {gold.first + 1}" in shift_seen(plan, raw, gold, by=1)
        if gold.first == 1:  # nobody counts from -1, which is what some withhold answers by
            assert "counts from 0" in shift_seen(plan, raw, gold, by=-1)


def shift_seen(plan: Plan, raw: pa.Table, gold: AnswerNumber, *, by: int) -> str:
    """What is said of rows whose right options stand everywhere, with all numbers moved."""
    rows = raw.take(pa.array(np.arange(60) % raw.num_rows))
    if isinstance(gold.options, str):
        sizes = np.array([len(options) for options in rows[gold.options].to_pylist()])
    else:
        sizes = np.full(60, len(gold.options))
    places = np.random.default_rng(0).integers(0, sizes) + gold.first + by
    at = rows.column_names.index(gold.column)
    kind = rows.schema.field(gold.column)
    column = pa.array(places).cast(kind.type)
    nameless = [gold.explanation] if gold.explanation else []
    moved = rows.set_column(at, kind, column)
    for name in nameless:
        index = moved.column_names.index(name)
        moved = moved.set_column(
            index, moved.schema.field(name), pa.nulls(60, moved.schema.field(name).type)
        )
    bases = AnswerBases(plan)
    bases.add(RawBatch(File("a", "a"), 0, moved))
    try:
        bases.refuse_shifted()
    except mk.errors.SchemaMovedError as error:
        return str(error)
    return ""
