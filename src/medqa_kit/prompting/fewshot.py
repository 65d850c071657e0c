"""Few-shot examples: choose rows of a pool to show before each question.

Shots follow from hashes of ids, so that a row gets the same ones wherever and with whomever it is
processed, and never itself, its family, its own question under another id, or anything held out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import one_of, several, whole_number
from medqa_kit.core.arrow.columns import whole
from medqa_kit.core.arrow.hashing import row_hashes, scattered
from medqa_kit.core.arrow.ragged import Ints, Mask
from medqa_kit.core.arrow.slices import as_text, by_slices, fail, need
from medqa_kit.core.holders import Rows, batches
from medqa_kit.core.kernel import misfit_errors
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import ArgumentError, FormattingError, RowError
from medqa_kit.matching.item_keys import family_names, item_keys, text_keys
from medqa_kit.matching.letters import Letters, letters
from medqa_kit.matching.row_texts import options, stems, text_column
from medqa_kit.schemas import PROVENANCE

ShotMode = Literal["fixed", "per-row"]
Marks: TypeAlias = Mapping[str, pa.Array]
"""By what a row is known: ``id``, ``family``, ``question``, ``whole`` (with its context), ``lead`` (without options in it) and ``item``, null where it has none."""

_CELLS = 1 << 20  # of a matrix of rows by steps at a time
_STEPS = 4  # that are tried first; then eight times as many, and so on
_POINTS = 32  # of a circle at which each example stands
_TELLING = 30  # letters of a question that says by itself which item it is
_UNSHOWN = {field.name for field in PROVENANCE} - {"id"} | {"year", "tags"}
# Before a question: its number, or what sort of question it is ("12. ", "[기출] ", "Q7: ", "문제) ").
_LED = (
    r"(?i)^(?:\s*(?:[\[(<【][^\[\]()<>【】]{1,24}[\])>】]\s*|(?:(?:문제?|문항|질문|question|item|no\.?|q|សំណួរ)\s*)?[0-9០-៩]{1,4}\s*[.):：．、]\s+"
    r"|(?:문제?|문항|질문|question|q|សំណួរ)\s*[0-9០-៩]{0,4}\s*[.):：．、៖]\s*))+"
)
# Behind it: what it counts for, or where it is from ("(2점)", "[2021년 기출]").
_TRAILED = r"(?i)\s*[\[(<【][^\[\]()<>【】]{0,20}(?:점|기출|출처|[0-9]{4}|points?|marks?|ពិន្ទុ)[^\[\]()<>【】]{0,12}[\])>】]\s*$"
# And the options of a question that lists them itself.
_LISTED = r"(?s)\s[(\[]?(?:A[.):\]].*\s[(\[]?B|1[.):\]]\s.*\s[(\[]?2|가[.):\]].*\s[(\[]?나|ក[.):\]].*\s[(\[]?ខ)[.):\]].*$|\s①.*②.*$"
_ASKED = ("question", "prompt", "text", "messages")


class _Circle(NamedTuple):
    """In which order a row passes the examples of a pool, again and again.

    Shown by row, each example stands at several points of a circle, by hashes of its id: so one that comes
    or goes changes the shots of those rows alone that show it.

    Attributes:
        points: Where examples stand; none where all rows pass them in the order of the pool.
        places: Which ones.
    """

    points: npt.NDArray[np.uint64]
    places: Ints


@dataclass(frozen=True, eq=False, repr=False)
class FewShot(Shown):
    """The kernel :func:`few_shot` returns.

    Args:
        shots: What a shot holds, one row a pool row, without provenance.
        marks: By what the rows of the pool are known.
        k: Shots a row.
        mode: See :func:`few_shot`.
        seed: See :func:`few_shot`.

    Example:
        >>> pool = pa.table({"id": ["a", "b"], "question": ["Why?", "Where?"], "answer": ["So.", "There."]})
        >>> few_shot(pool, k=1)
        few_shot: 1 of a pool of 2, the same for all rows, seed 0
    """

    shots: pa.StructArray
    marks: Marks
    k: int
    mode: ShotMode
    seed: int
    _circle: _Circle = field(init=False)
    _copies: tuple[Ints, ...] = field(init=False)  # numbers that copies in the pool share

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole_number("k", self.k, least=1))
        one_of("mode", self.mode, get_args(ShotMode))
        object.__setattr__(self, "seed", whole_number("seed", self.seed))
        object.__setattr__(self, "_circle", self._placed())
        object.__setattr__(self, "_copies", tuple(self._shared()))

    def _blocks(self) -> Iterator[Block]:
        which = "the same for all rows" if self.mode == "fixed" else "by row"
        yield f"few_shot: {self.k} of a pool of {len(self.shots):,}, {which}, seed {self.seed}"

    def __call__(self, table: pa.Table) -> pa.Table:
        """Add a column ``shots``; see :func:`few_shot`."""
        need(table, ("id",), purpose="few-shot examples", hint="mk.load gives every row an id")
        names = [
            n for n in ("id", "family", "options", "context", *_ASKED) if n in table.column_names
        ]
        chosen = by_slices(table.select(names), self._choose, growth=self.k)
        return table.drop_columns([n for n in ("shots",) if n in table.column_names]).append_column(
            "shots", chosen["shots"]
        )

    def _choose(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = batch.num_rows
        asked = marks_of(batch)
        pairs = [_numbered(asked[name], self.marks[name]) for name in self.marks]
        codes = [(mine, theirs) for mine, theirs in pairs if (mine >= 0).any()]  # shared by some
        hashes = np.zeros(rows, np.uint64)
        if self.mode == "per-row":
            hashes = row_hashes(batch, salt=f"medqa_kit/few_shot/{self.seed}")
        starts = self._starts(hashes)
        picked = np.full((rows, self.k), -1, np.int64)
        lacking, width = np.arange(rows), min(len(self._circle.places), _STEPS)
        while len(lacking):
            step = max(1, _CELLS // width)
            for begin in range(0, len(lacking), step):
                again = lacking[begin : begin + step]
                picked[again] = self._pick(starts[again], codes, again, width)
            if width == len(self._circle.places):
                break
            lacking = np.flatnonzero((picked < 0).any(axis=1))
            width = min(8 * width, len(self._circle.places))
        fail(batch, (picked < 0).any(axis=1), RowError,
             "the pool has too few examples for the row", column="shots",
             expected=f"{self.k} that are not the row, its family or its question",
             found=f"a pool of {len(self.shots)}", hint="take a larger pool, or a smaller k")  # fmt: skip
        offsets = np.arange(rows + 1, dtype=np.int32) * self.k
        shots = pa.ListArray.from_arrays(
            pa.array(offsets), self.shots.take(pa.array(picked.ravel()))
        )
        return pa.RecordBatch.from_arrays([shots], names=["shots"])

    def _placed(self) -> _Circle:
        if self.mode == "fixed":
            return _Circle(np.zeros(0, np.uint64), np.arange(len(self.shots)))
        named = pa.record_batch({"id": self.marks["id"].fill_null("")})
        points = _points(row_hashes(named, salt="medqa_kit/few_shot"), _POINTS).ravel()
        order = np.argsort(points, kind="stable")
        return _Circle(points[order], order // _POINTS)

    def _shared(self) -> Iterator[Ints]:
        """Return the numbers of what tells examples apart, where some of the pool are not told apart by it."""
        for name in ("id", "question", "whole", "item"):
            numbers, _ = _numbered(self.marks[name], self.marks[name])
            known = numbers[numbers >= 0]
            if len(np.unique(known)) < len(known):
                yield np.where(numbers < 0, -1 - np.arange(len(numbers)), numbers)

    def _starts(self, hashes: npt.NDArray[np.uint64]) -> Ints:
        """Return where each row begins to walk for each of its shots."""
        if self.mode == "fixed":
            return np.zeros((len(hashes), self.k), np.int64)
        return np.searchsorted(self._circle.points, _points(hashes, self.k))

    def _pick(self, starts: Ints, codes: list[tuple[Ints, Ints]], rows: Ints, width: int) -> Ints:
        """Return k places in the pool for each of some rows, -1 where so many steps do not reach one.

        For each shot a row takes the first one it passes that it may see and has not taken yet.
        """
        picked = np.full((len(rows), self.k), -1, np.int64)
        steps, each = np.arange(width), np.arange(len(rows))
        for turn in range(self.k):
            places = self._circle.places[(starts[:, turn, None] + steps) % len(self._circle.places)]
            allowed = np.ones(places.shape, bool)
            for mine, theirs in codes:
                allowed &= mine[rows, None] != theirs[places]
            for taken in picked[:, :turn].T:
                allowed &= places != taken[:, None]
                for numbers in self._copies:
                    allowed &= (numbers[places] != numbers[taken][:, None]) | (taken[:, None] < 0)
            first = allowed.argmax(axis=1)
            good = allowed[each, first]
            picked[good, turn] = places[good, first[good]]
        return picked


def _points(hashes: npt.NDArray[np.uint64], number: int) -> npt.NDArray[np.uint64]:
    """Return so many points of a circle for each hash."""
    turns = np.arange(number, dtype=np.uint64) * np.uint64(0xD1B54A32D192ED03)
    return scattered(hashes[:, None] + turns)


def marks_of(batch: pa.RecordBatch) -> Marks:
    """Return by what each row of a batch is known.

    A question of 30 letters or more tells the item by itself, a shorter one together with its
    options: "Which one is right?" is asked of many. Case, blanks, punctuation, what numbers the question
    and the labels and the order of options do not count.

    Example:
        >>> rows = pa.record_batch({"id": ["a", "b"], "question": ["Why?", "why"], "options": [["x"], ["x"]]})
        >>> marks = marks_of(rows)
        >>> marks["item"][0] == marks["item"][1], marks["question"].null_count
        (True, 2)
    """
    # What is made of a row is of its family.
    known = {"id": text_column(batch, "id"), "family": family_names(batch)}
    asked = [name for name in _ASKED if name in batch.schema.names]
    if not asked:
        nothing = pa.nulls(batch.num_rows, pa.uint64())
        return known | dict.fromkeys(("question", "whole", "lead", "item"), nothing)
    case = [name for name in ("context",) if name in batch.schema.names]  # of a brief question
    questions, alone = (_bare(stems(batch.select(names))) for names in (asked + case, asked))
    normalised = letters(questions)
    of_item = item_keys(questions, options(batch))[:, 0]
    return known | {
        "question": _telling(normalised),
        "whole": _telling(letters(_under_context(batch, alone))),
        "lead": _telling(letters(pc.replace_substring_regex(questions, _LISTED, ""))),
        "item": pa.array(of_item, mask=normalised.lengths == 0),
    }


def _bare(questions: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(pc.replace_substring_regex(questions, _LED, ""), _TRAILED, "")


def _telling(texts: Letters) -> pa.Array:
    """Return the keys of texts that are long enough to say which item they are of."""
    return pa.array(text_keys(texts)[:, 0], mask=texts.lengths < _TELLING)


def _under_context(batch: pa.RecordBatch, questions: pa.Array) -> pa.Array:
    """Put the context of rows before their questions: others have the case in the question."""
    if "context" not in batch.schema.names:
        return questions
    context = pc.fill_null(as_text(batch.column("context"), "context"), "")
    return pc.binary_join_element_wise(context, questions, " ")


def _numbered(rows: pa.Array, pool: pa.Array) -> tuple[Ints, Ints]:
    """Number the values of rows and pool alike; null equals nothing."""
    theirs = pool.dictionary_encode()
    right = theirs.indices.fill_null(-2).to_numpy(zero_copy_only=False).astype(np.int64)
    mine = pc.index_in(rows, value_set=theirs.dictionary)
    left = mine.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return left, right


def few_shot(
    pool: Rows | Any,
    *,
    k: int,
    mode: ShotMode = "fixed",
    seed: int = 0,
    held_out: Collection[str] | Rows | Any = (),
) -> FewShot:
    """Return the kernel that adds examples to each row, in a column ``shots``.

    :func:`~medqa_kit.prompting.prompts.prompt` and
    :func:`~medqa_kit.evaluation.formats.harness` write that column before the question.

    Args:
        pool: Any container of rows (see :func:`medqa_kit.apply`), of the schema of the rows it is
            for, answers included. It is held in memory and goes with the kernel to every worker:
            a few thousand good rows serve better than a whole train split.
        k: Shots a row, 1 or more.
        mode: ``"fixed"``: the first of the pool, in its order; ``"per-row"``: others for each
            row, by hashes of the row's id and of theirs, so that one that is added to the pool or taken
            out of it changes no row but those that show it. Both pass over what a row may not see.
        seed: Another seed gives other per-row shots.
        held_out: What must not be shown to anyone: a list, tuple or set of ids and families, or
            rows, such as an exam: then their ids, families and questions.

    Returns:
        A kernel. No row sees itself (by id), its family, a row that asks the same, what is held
        out, or an example twice (by id, or what it asks). The shots of a row depend on its id, family and text, the pool and the seed, on
        nothing else. All columns of the rows stay.

    Raises:
        ArgumentError: No such mode, a k below 1, or no container of rows.
        FormattingError: The pool has no column ``id``, or after holding out fewer than k rows.
        RowError: When called: a row for which the pool has fewer than k.

    Example:
        >>> pool = pa.table({"id": ["p/1", "p/2", "p/3"], "family": ["f", None, None],
        ...                  "question": ["a", "b", "c"], "answer": ["1", "2", "3"]})
        >>> rows = pa.table({"id": ["x/1", "p/2", "x/2"], "family": ["f", None, None],
        ...                  "question": ["d", "e", "B?"]})
        >>> shown = few_shot(pool, k=2)(rows)["shots"].to_pylist()
        >>> [[shot["id"] for shot in row] for row in shown]
        [['p/2', 'p/3'], ['p/1', 'p/3'], ['p/1', 'p/3']]
    """
    k = whole_number("k", k, least=1)
    listed = list(batches(pool))
    table = pa.Table.from_batches(listed) if listed else pa.table({"id": pa.array([], pa.string())})
    need(table, ("id",), purpose="a pool of shots", hint="mk.load gives every row an id")
    marks = _all_marks(listed)
    left = pa.array(~_marked_rows(marks, _theirs(held_out)))
    rows = table.filter(left)
    if rows.num_rows < k:
        raise FormattingError("the pool has too few examples", expected=f"{k} or more",
                              found=f"{rows.num_rows}, {len(table) - len(rows)} held out",
                              hint="take a larger pool, or a smaller k")  # fmt: skip
    unshown = _UNSHOWN - {"tags"} if "tokens" in rows.column_names else _UNSHOWN  # tags of tokens
    shown = rows.select([name for name in rows.column_names if name not in unshown])
    return FewShot(
        shots=whole(shown.to_struct_array()),
        marks={name: values.filter(left) for name, values in marks.items()},
        k=k,
        mode=mode,
        seed=seed,
    )


def _theirs(held_out: Collection[str] | Rows | Any) -> Marks:
    """Return the marks of what is held out."""
    if isinstance(held_out, (pa.Array, pa.ChunkedArray)):
        held_out = held_out.to_pylist()
    if isinstance(held_out, (str, Sequence, Set)):  # a column of a Dataset is a Sequence
        names = several("held_out", held_out)
        if all(isinstance(name, str) for name in names):
            return dict.fromkeys(("id", "family"), pa.array(names, pa.string()))
    try:
        return _all_marks(list(batches(held_out)))
    except ArgumentError as error:
        raise ArgumentError("held_out= takes ids and families, or rows", argument="held_out",
                            expected="a list of names, or rows such as an exam", found=error.found,
                            hint="items of a Holdout leave the pool before: pool, _ = mk.exclude(pool, holdout)") from error  # fmt: skip


def _all_marks(listed: list[pa.RecordBatch]) -> Marks:
    every = []
    for batch in listed:
        with misfit_errors(few_shot, batch.schema):
            every.append(marks_of(batch))
    names = every[0] if every else ()
    return {name: pa.concat_arrays([marks[name] for marks in every]) for name in names}


def _marked_rows(marks: Marks, theirs: Marks) -> Mask:
    """Return which rows of the pool share a mark with what is held out."""
    rows = max((len(values) for values in marks.values()), default=0)
    shared = np.zeros(rows, bool)
    for name in marks.keys() & theirs.keys():
        values = theirs[name].drop_null().cast(marks[name].type)
        shared |= pc.is_in(marks[name], value_set=values).to_numpy(zero_copy_only=False)
    return shared
