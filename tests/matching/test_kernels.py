"""The kernels of NumPy and of Numba are one: the same names, arguments and results."""

from __future__ import annotations

import inspect
import subprocess
import sys
from itertools import pairwise
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from exam_text import items
from gauntlet import FAITHFUL, held_table, planted
from laws import examples
from medqa_kit.decontamination.candidates import windows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.index import _entries as entries_of
from medqa_kit.matching.kernels import kernels, numba_kernels, numpy_kernels, numpy_search
from medqa_kit.matching.kernels.constants import MARKED, PLACE
from medqa_kit.matching.letter_table import letter_table, squeezed
from medqa_kit.matching.letters import Letters, letters
from medqa_kit.matching.readings.disguises import may_be_disguised
from medqa_kit.matching.row_texts import row_texts
from no_numba import without_numba

NAMES = {"common_counts", "contained_weights", "cut_terms", "distinct_shingles", "held_weights", "lay_out",
         "look_up", "signatures", "text_hashes", "window_candidates"}  # fmt: skip

# Letters, syllables, marks, digits, and the sign between numbers.
LETTERS = "abc협심증កខា1290\x1f"


@st.composite
def letter_texts(draw: st.DrawFn) -> Letters:
    texts = [squeezed(text) for text in draw(st.lists(st.text(LETTERS, max_size=40), max_size=6))]
    codes = np.array([ord(character) for text in texts for character in text], np.uint32)
    return Letters(codes, np.cumsum([0, *map(len, texts)], dtype=np.int64))


def functions(module: ModuleType) -> dict[str, list[str]]:
    """Return the public functions of a module with the names of their arguments."""
    kernels = {}
    for name in NAMES:
        value = getattr(module, name)
        kernels[name] = list(inspect.signature(getattr(value, "py_func", value)).parameters)
    return kernels


def assert_equal(name: str, *arguments: object) -> tuple[npt.NDArray[np.generic], ...]:
    """Call both kernels of a name, and compare values and types."""
    results = [getattr(module, name)(*arguments) for module in (numba_kernels, numpy_kernels)]
    first, other = (r if isinstance(r, tuple) else (r,) for r in results)
    assert len(first) == len(other)
    for a, b in zip(first, other, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        assert (a == b).all()
    return first


def test_both_have_the_same_functions() -> None:
    assert functions(numba_kernels) == functions(numpy_kernels)
    homes = (numpy_kernels.__name__, numpy_search.__name__)
    own = {name for name, value in vars(numpy_kernels).items()
           if inspect.isfunction(value) and value.__module__ in homes}  # fmt: skip
    assert {name for name in own if not name.startswith("_")} == NAMES


def test_numba_is_chosen_where_it_is_installed() -> None:
    assert kernels() is numba_kernels
    with without_numba():
        assert kernels() is numpy_kernels
    assert kernels() is numba_kernels


def test_importing_imports_no_numba() -> None:
    code = """
import sys, pkgutil, importlib, medqa_kit.matching as room
for module in pkgutil.iter_modules(room.__path__, room.__name__ + "."):
    importlib.import_module(module.name)
print("numba" in sys.modules, "pandas" in sys.modules)
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["False", "False"]


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.text("가각ᄀ\u1161é\u0301កខ\u17d2\u17b6\uff9e½㎎①&<>b;#49lt/15.៣ \n\x1f𝔸", max_size=12), max_size=6),
       st.sets(st.sampled_from("가é①&<𝔸")))  # fmt: skip
def test_texts_are_marked_and_looked_up_alike(texts: list[str], marked: set[str]) -> None:
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    offsets = np.cumsum([0, *(len(text.encode()) for text in texts)], dtype=np.int64)
    table = letter_table()
    codes = table.codes.copy()
    codes[[ord(c) for c in marked]] = MARKED
    letters_, ends, has = assert_equal(
        "look_up", data, offsets, codes, table.starts, table.expansions
    )
    assert has.tolist() == [bool(marked & set(text)) for text in texts]
    for text, mark, begin, end in zip(texts, has, ends[:-1], ends[1:], strict=True):
        letters_there = "".join(map(chr, letters_[begin:end]))
        assert letters_there == (
            "" if mark else squeezed("".join(map(table.letters, map(ord, text))))
        )


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.lists(st.text(LETTERS.replace("\x1f", ""), max_size=5), max_size=4), max_size=4))
def test_stretches_are_laid_out_alike(runs: list[list[str]]) -> None:
    texts = [text for run in runs for text in run]
    codes = np.array([ord(character) for text in texts for character in text], np.uint32)
    stops = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    starts = np.cumsum([0, *map(len, runs)], dtype=np.int64)
    laid, offsets = assert_equal("lay_out", codes, stops[:-1], stops[1:], starts)
    for run, begin, end in zip(runs, offsets[:-1], offsets[1:], strict=True):
        assert "".join(map(chr, laid[begin:end])) == squeezed("\x1f".join(run))


@settings(max_examples=examples(150), deadline=None)
@given(letter_texts())
def test_texts_are_hashed_and_cut_alike(texts: Letters) -> None:
    (keys,) = assert_equal("text_hashes", texts.codes, texts.offsets[:-1], texts.offsets[1:])
    spelled = [texts.codes[a:b].tobytes() for a, b in pairwise(texts.offsets)]
    assert len(np.unique(keys, axis=0)) == len(set(spelled))
    hashes, offsets = assert_equal("distinct_shingles", *texts)
    for a, b in pairwise(offsets):
        assert (np.diff(hashes[a:b].astype(np.int64)) > 0).all()
    factors, steps = np.array([1, 77, 2**31 + 5], np.uint32), np.array([0, 9, 2**32 - 1], np.uint32)
    (least,) = assert_equal("signatures", *texts, factors, steps)
    assert least.shape == (len(spelled), 3)


@settings(max_examples=examples(150), deadline=None)
@given(letter_texts(), st.data())
def test_stretches_are_cut_into_terms_alike(texts: Letters, data: st.DataObject) -> None:
    size = len(texts.codes)
    bounds = data.draw(st.lists(st.tuples(st.integers(0, size), st.integers(0, size)), max_size=8))
    begins = np.array([min(pair) for pair in bounds], np.int64)
    ends = np.array([max(pair) for pair in bounds], np.int64)
    hashes, places, starts = assert_equal("cut_terms", texts.codes, begins, ends)
    assert len(hashes) == len(places) == starts[-1]


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.text("aA1u\\%=+Ãâ€éАаβɑʀᴀ\u0301ㄱㅏ\uffa1ￂ가、", max_size=14), max_size=5))
def test_texts_that_may_be_disguised_are_marked_alike(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    compiled = may_be_disguised(column)
    with without_numba():
        assert may_be_disguised(column).tolist() == compiled.tolist()


hash_sets = st.lists(st.sets(st.integers(0, 60)).map(sorted), min_size=1, max_size=6)


@settings(max_examples=examples(150), deadline=None)
@given(hash_sets, st.data())
def test_sets_are_compared_alike(sets: list[list[int]], data: st.DataObject) -> None:
    left = data.draw(st.lists(st.integers(0, len(sets) - 1), max_size=8))
    other = data.draw(
        st.lists(st.integers(0, len(sets) - 1), min_size=len(left), max_size=len(left))
    )
    hashes = np.array([value for members in sets for value in members], np.uint32)
    offsets = np.cumsum([0, *map(len, sets)], dtype=np.int64)
    (common,) = assert_equal(
        "common_counts", hashes, offsets, np.array(left, np.int64), np.array(other, np.int64)
    )
    expected = [len({*sets[a]} & {*sets[b]}) for a, b in zip(left, other, strict=True)]
    assert common.tolist() == expected


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_contained_weights_are_found_alike(data: st.DataObject) -> None:
    """Any terms, in any places of a text, that increase; any fields; any reach."""
    term = st.integers(0, 12)
    texts = data.draw(st.lists(st.lists(st.tuples(term, st.integers(1, 9)), max_size=20), min_size=1, max_size=4))  # fmt: skip
    fields = data.draw(st.lists(st.sets(term).map(sorted), min_size=1, max_size=4))
    pairs = sorted(data.draw(st.lists(
        st.tuples(st.integers(0, len(texts) - 1), st.integers(0, len(fields) - 1)), max_size=8)))  # fmt: skip
    hashes = np.array([value for text in texts for value, _ in text], np.uint32)
    places = np.concatenate([np.zeros(0, np.int64), *(
        np.cumsum([step for _, step in text]).astype(np.int64) - 1 for text in texts)])  # fmt: skip
    members = np.array([value for field in fields for value in field], np.uint32)
    weights = data.draw(arrays.arrays(np.uint8, len(members), elements=st.integers(1, 255)))
    reach = data.draw(arrays.arrays(np.int64, len(fields), elements=st.integers(1, 40)))
    starts = np.cumsum([0, *map(len, fields)], dtype=np.int64)
    for begin, end in pairwise(starts):  # the heaviest of a field come first
        weights[begin:end] = np.sort(weights[begin:end])[::-1]
    totals = np.array([weights[a:b].sum(dtype=np.int64) for a, b in pairwise(starts)])
    (best,) = assert_equal(
        "contained_weights", hashes, places, np.cumsum([0, *map(len, texts)], dtype=np.int64),
        np.array([text for text, _ in pairs], np.int64), np.array([f for _, f in pairs], np.int64),
        starts, members, weights, totals, reach,
    )  # fmt: skip
    assert (best <= totals[[f for _, f in pairs]]).all()


@settings(max_examples=examples(100), deadline=None)
@given(letter_texts(), st.data())
def test_weights_of_letters_are_those_of_their_terms(texts: Letters, data: st.DataObject) -> None:
    size = len(texts.codes)
    bounds = data.draw(st.lists(st.tuples(st.integers(0, size), st.integers(0, size)), min_size=1, max_size=5))  # fmt: skip
    begins = np.array([min(pair) for pair in bounds], np.int64)
    ends = np.array([max(pair) for pair in bounds], np.int64)
    cut = numpy_kernels.cut_terms(texts.codes, begins, ends)
    fields = [np.unique(cut[0][a:b]) for a, b in pairwise(cut[2])]
    members = np.concatenate(fields)
    starts = np.cumsum([0, *map(len, fields)], dtype=np.int64)
    totals = np.diff(starts)
    text = np.repeat(np.arange(len(bounds)), len(fields))
    field = np.tile(np.arange(len(fields)), len(bounds))
    rest = (text, field, starts, members, np.ones(len(members), np.uint8), totals, np.full(len(fields), 9))  # fmt: skip
    (best,) = assert_equal("held_weights", texts.codes, begins, ends, *rest)
    assert (best == numpy_kernels.contained_weights(*cut, *rest)).all()


@pytest.mark.slow
@pytest.mark.parametrize("disguise", ["exact", "in a long note", "options shuffled"])
@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("half", [16, 32])
def test_candidates_are_found_alike(disguise: str, kind: int, half: int) -> None:
    exam = [item for language in ("ko", "km", "en") for item in items(language, 60, seed=5)]  # type: ignore[arg-type]
    index = Holdout.from_rows(held_table(exam), reason="x").index
    batch = planted(exam, FAITHFUL[disguise], seed=1)[0].combine_chunks().to_batches()[0]
    texts = letters(row_texts(batch))
    cut, gates = windows(texts), index.gates
    arguments = (
        texts.codes, cut.begins, cut.ends, np.full(len(cut.begins), kind, np.uint8),
        index.filter, index.filter_shift, index.ranks, index.entries, index.runs,
        index.postings.astype(np.uint16 if half == 16 else np.uint32), half,
        gates.weights, gates.least, gates.little,
    )  # fmt: skip
    pairs = [set(zip(*(side.tolist() for side in module.window_candidates(*arguments)), strict=True))
             for module in (numba_kernels, numpy_kernels)]  # fmt: skip
    assert pairs[0] == pairs[1]
    assert {(row, row) for row in range(len(exam))} <= {
        (int(cut.text[window]), item) for window, item in pairs[0]
    }


def test_shingles_of_one_phrase_share_a_run_of_postings() -> None:
    rows = [{"id": f"e/{n}", "question": f"Which of the following treats disease number {word}?"}
            for n, word in enumerate(("abcdefgh", "ijklmnop", "qrstuvwx"))]  # fmt: skip
    index = Holdout.from_rows(rows, reason="x").index
    assert (
        len(index.runs) - 1 < len(index.entries) / 4
    )  # of the phrase one run, of each word another
    assert index.runs[-1] == len(index.postings)
    assert len({run.tobytes() for run in np.split(index.postings, index.runs[1:-1])}) == (
        len(index.runs) - 1
    )


def test_keys_of_no_texts_are_none() -> None:
    empty = letters(pa.array([], pa.string()))
    assert_equal("text_hashes", empty[0], empty[1][:-1], empty[1][1:])
    assert_equal("distinct_shingles", *empty)
    assert_equal("cut_terms", empty.codes, empty.offsets[:-1], empty.offsets[1:])


def test_hashes_that_share_a_bit_of_the_filter_are_told_apart() -> None:
    hashes = np.array([0, 5, 5 | 1 << 21, 6 | 1 << 21, 1 << 31], np.uint32)
    laid = entries_of(hashes, np.arange(5))
    asked = np.array([1 << 31, 6 | 1 << 21, 0, 7, 5, 4 | 1 << 31], np.uint32)
    which, place = numpy_search._known(
        asked, laid["filter"], laid["filter_shift"], laid["ranks"], laid["entries"]
    )
    run = (laid["entries"][place] & PLACE) >> laid["filter_shift"]
    assert which.tolist() == [0, 1, 2, 4]
    assert run.tolist() == [4, 3, 0, 1]
