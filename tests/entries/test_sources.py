"""The contract every catalogued source keeps; one parametrised test a promise."""

from __future__ import annotations

import ast
import json
import pickle
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.loading.files.file import File
from medqa_kit.loading.normalizer import Normalizer
from medqa_kit.loading.planner import SAMPLES
from medqa_kit.loading.readers.read_files import read_files
from sample_parts import LOADABLE, NAMES, raw_parts
from scripts import script

ROOT = Path(__file__).parents[2]
# Shared by the tests of this module: each part is prepared once a process.
CACHE = tempfile.TemporaryDirectory(prefix="medqa_kit-samples-")

make_golden, generate = script("tools/make_golden.py"), script("docs/generate.py")


def load_sample(
    name: str, part: mk.catalog.Part, *, streaming: bool = False, view: str = "normalized"
):
    with quietly():
        return mk.load(name, subset=part.subset, split=part.split, origin="sample",
                       streaming=streaming, view=view, cache_dir=CACHE.name)  # fmt: skip


@contextmanager
def quietly() -> Iterator[None]:
    """What a source says of itself is another test's matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.errors.MedQAWarning)
        yield


@pytest.mark.parametrize("name", NAMES)
def test_the_license_has_evidence(name: str) -> None:
    source = mk.source(name)
    assert source.license, "add a Claim; Claim(None, where you looked) when nothing was found"
    for claim in source.license:
        assert len(claim.evidence) > 8, "say where the claim was read"
        assert claim.terms, "add the licence to catalog/licenses.py"


@pytest.mark.parametrize("name", NAMES)
def test_the_citation_is_bibtex(name: str) -> None:
    import bibtexparser

    parsed = bibtexparser.parse_string(mk.source(name).citation)
    assert parsed.entries, "the citation does not parse"
    assert not parsed.failed_blocks, "the citation does not parse"
    for entry in parsed.entries:
        fields = {key: field.value for key, field in entry.fields_dict.items()}
        assert fields.get("title"), entry
        assert re.fullmatch(r"\d{4}", fields.get("year", "")), "give the year"


@pytest.mark.parametrize("name", NAMES)
def test_parents_exist(name: str) -> None:
    for parent in mk.source(name).derived_from:
        assert not parent.catalogued or parent.name in NAMES, f"{parent.name} is not catalogued"


@cache
def families(name: str) -> frozenset[str]:
    """The families of the embedded sample, over all parts."""
    tables = [plan.kernel(raw) for plan, raw in raw_parts(name)]
    values = (
        value for t in tables if "family" in t.column_names for value in t["family"].to_pylist()
    )
    return frozenset(value for value in values if value)


PROVEN = [(source.name, parent) for source in mk.sources() for parent in source.derived_from
          if parent.key and parent.catalogued]  # fmt: skip


@pytest.mark.parametrize(("name", "parent"), PROVEN, ids=[f"{n}<-{p.name}" for n, p in PROVEN])
def test_a_copy_shares_the_family_of_its_parent(name: str, parent: mk.catalog.Parent) -> None:
    assert families(name) & families(parent.name), (
        f"{parent.key!r} is said to prove the descent: put a copy of a row of the parent's sample "
        "into this one's, and key both by it"
    )


def test_the_khmer_set_is_linked_up_to_the_exams() -> None:
    line = ["khmer_medical_qa", "medical_o1_reasoning_sft", "medical_o1_verifiable"]
    for child, parent in pairwise(line):
        assert parent in [p.name for p in mk.source(child).derived_from]
    roots = {parent.name for parent in mk.source(line[-1]).derived_from}
    assert roots == {"medqa_usmle", "medmcqa"}
    assert families(line[0]) & families(line[1]) & families(line[2]), "one item, three sources"


@pytest.mark.parametrize("name", LOADABLE)
def test_parts_and_counts_are_declared(name: str) -> None:
    source = mk.source(name)
    assert any(not part.by_name_only for part in source.parts), "nothing loads by default"
    for part in source.parts:
        assert part.rows is None or part.rows > 0, "a count, or None where nobody knows"
        layout = source.layout_of(part)
        at = layout.at
        assert not isinstance(at, mk.catalog.Hub) or at.floating or len(at.revision or "") == 40
        assert layout.raw.names
        assert set(layout.optional) | set(layout.aliases) <= set(layout.raw.names)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_page(name: str) -> None:
    source = mk.source(name)
    page = generate.pages()[f"catalog/{name}.md"]
    claims = {claim.license for claim in source.license if claim.license}
    said = (source.title, *source.schemas, *source.language, *claims)
    for word in (*said, *(generate.plain(quirk) for quirk in source.quirks)):
        assert word in page
    row = next(
        line for line in generate.index_page().splitlines() if f'<a href="{name}.html">' in line
    )
    for word in (generate.status(source), *source.schemas, *source.language):
        assert word in row


@pytest.mark.parametrize("name", NAMES)
def test_what_may_be_done_is_granted(name: str) -> None:
    source = mk.source(name)
    for use in ("research", "commercial", "redistribute", "derive"):
        answer = getattr(source.terms, use)
        grants = [c for c in source.license if c.credible and getattr(c.terms, use) == answer]
        assert answer == "unknown" or grants, f"{use}: {answer!r} is nobody's credible word"
        silent = [c for c in source.license if c.credible and c.license is None]
        assert not (silent and answer == "yes"), f"{use}: granted for some of the rows only"


@pytest.mark.parametrize("name", NAMES)
def test_the_file_says_what_it_is(name: str) -> None:
    source = mk.source(name)
    assert source.name == name
    assert source.about.endswith(".")
    assert source.parts or source.how_to_get().startswith("There is nothing to load")


@pytest.mark.parametrize("name", LOADABLE)
def test_the_sample_is_there_in_upstreams_layout(name: str) -> None:
    assert (SAMPLES / name).is_dir(), "embed invented rows in src/medqa_kit/samples/<name>/"
    assert sum(raw.num_rows for _, raw in raw_parts(name)) >= 12, "at least twelve invented rows"


@pytest.mark.parametrize("name", LOADABLE)
def test_sample_loads_with_unique_ids(name: str, hub) -> None:
    ids: list[str] = []
    for part in mk.source(name).parts:
        data = load_sample(name, part)
        schema = mk.source(name).layout_of(part).schema
        assert data.column_names == schema.names
        assert data.features.arrow_schema.types == schema.types
        assert set(data["split"]) == {part.split}
        assert all(i.startswith(f"sample:{name}/") for i in data["id"])
        ids += data["id"]
    assert len(set(ids)) == len(ids), "ids repeat"


@pytest.mark.slow
@pytest.mark.parametrize("name", LOADABLE)
def test_streaming_gives_the_same_rows(name: str, hub) -> None:
    for part in mk.source(name).parts:
        with quietly():  # a stream tells what it leaves out when it is read to its end
            streamed = list(load_sample(name, part, streaming=True))
        assert streamed == list(load_sample(name, part))


@pytest.mark.slow
@pytest.mark.parametrize("name", LOADABLE)
def test_the_raw_view_is_upstreams(name: str, hub) -> None:
    for part in mk.source(name).parts:
        layout = mk.source(name).layout_of(part)
        data = load_sample(name, part, view="raw")
        with quietly():
            assert list(load_sample(name, part, view="raw", streaming=True)) == list(data)
        assert data.column_names == [
            "id",
            *("upstream_id" if n == "id" else n for n in layout.raw.names),
        ]
        assert data.num_rows


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.slow
def test_every_view_and_choice_works_on_the_sample(name: str, hub) -> None:
    source = mk.source(name)
    for part in source.parts:
        where = {"subset": part.subset, "split": part.split, "origin": "sample"}
        for view in source.layout_of(part).views:
            with quietly():
                data = mk.load(name, **where, view=view)
            assert data.column_names == source.layout_of(part).viewed(view).schema.names
        for choice in source.choices:
            for value in choice.values:
                with quietly():
                    chosen = mk.load(name, **where, choices={choice.name: value})
                assert len(set(chosen["id"])) == chosen.num_rows, (
                    f"{choice.name}={value}: ids repeat"
                )


@pytest.mark.parametrize("name", LOADABLE)
def test_golden_rows(name: str) -> None:
    file = make_golden.GOLDEN / f"{name}.json"
    assert file.exists(), f"python tools/make_golden.py {name}"
    assert make_golden.text(mk.source(name)) == file.read_text("utf-8"), (
        "rows changed: mend `normalize`, or raise `version` and run tools/make_golden.py"
    )


@pytest.mark.parametrize("name", LOADABLE)
def test_changed_rows_have_a_new_version(name: str) -> None:
    source = mk.source(name)
    recorded = make_golden.ledger()[name]
    assert recorded[str(source.version)] == make_golden.digests(source), (
        "golden rows moved and `version` did not"
    )
    assert max(map(int, recorded)) == source.version, "a version is never taken back"


@cache
def normalized(name: str) -> list[tuple[Normalizer, pa.Table, list[dict[str, object]]]]:
    """Of each layout of a source the largest part: its kernel, its raw rows, and what they become."""
    largest = {
        id(plan.layout): (plan.kernel, raw)
        for plan, raw in sorted(raw_parts(name), key=lambda part: part[1].num_rows)
    }
    return [(kernel, raw, kernel(raw).to_pylist()) for kernel, raw in largest.values()]


@pytest.mark.parametrize("name", LOADABLE)
@settings(deadline=None, max_examples=examples(10))  # each example looks at all layouts of a source
@given(data=st.data())
@pytest.mark.slow
def test_a_row_ignores_its_neighbours(name: str, data: st.DataObject) -> None:
    for kernel, raw, whole in normalized(name):
        cuts = sorted(data.draw(st.lists(st.integers(0, raw.num_rows), max_size=3)))
        bounds = [0, *cuts, raw.num_rows]
        pieces = [kernel(raw.slice(a, b - a)) for a, b in pairwise(bounds)]
        assert pa.concat_tables(pieces).to_pylist() == whole, "batches change the rows"


@pytest.mark.slow
@pytest.mark.parametrize("name", LOADABLE)
def test_the_kernel_is_pure_and_pickles(name: str) -> None:
    for plan, raw in raw_parts(name):
        before = raw.to_pylist()
        rows = plan.kernel(raw)
        assert raw.to_pylist() == before, "the input was changed"
        assert plan.kernel(raw).equals(rows), "twice the same call, two results"
        assert pickle.loads(pickle.dumps(plan.kernel))(raw).equals(rows)
        assert plan.kernel(raw.slice(0, 0)).schema.equals(rows.schema), "an empty batch differs"


@pytest.mark.parametrize("name", LOADABLE)
def test_the_docstring_shows_a_raw_row(name: str) -> None:
    assert "invented" in docstring(name), "show one invented raw row in the docstring"


def docstring(name: str) -> str:
    code = (ROOT / "src" / "medqa_kit" / "entries" / f"{name}.py").read_text("utf-8")
    return ast.get_docstring(ast.parse(code)) or ""


def shown(name: str) -> list[dict[str, object]]:
    """The raw rows in a docstring, as far as they are whole JSON objects."""
    excerpts = []
    for block in re.split(r"\n\s*\n", docstring(name)):
        try:
            excerpts.append(json.loads(block))
        except ValueError:
            continue  # prose, a table, or JSON with dots in place of what does not matter
    return [row for row in excerpts if isinstance(row, dict)]


SHOWN = {name: rows for name in LOADABLE if (rows := shown(name))}


def test_most_docstrings_show_a_row_as_json() -> None:
    assert len(SHOWN) >= 30


@pytest.mark.parametrize("name", SHOWN)
def test_a_row_in_a_docstring_reads_and_normalises(name: str, tmp_path: Path) -> None:
    source = mk.source(name)
    for row in SHOWN[name]:
        (tmp_path / "row.jsonl").write_text(json.dumps(row), encoding="utf-8")
        refused = []
        for part in source.parts:
            layout = source.layout_of(part)
            lines = replace(layout.read, format="jsonl", encoding="utf-8")
            try:
                (batch,) = read_files([File("row.jsonl", str(tmp_path / "row.jsonl"))],
                                replace(layout, read=lines, extra="refuse"), source=name, part=part.name)  # fmt: skip
            except mk.errors.FileError as error:
                refused.append(str(error))
                continue
            assert Normalizer.of(source, part)(batch.table).num_rows
            break
        else:
            pytest.fail(f"the row is not as any part declares: {refused[0]}")
