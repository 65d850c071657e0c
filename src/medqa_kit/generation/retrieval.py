"""Find the passages that a question is about, and add them as its context."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import instance, one_of, whole_number
from medqa_kit.core.arrow.columns import is_text
from medqa_kit.core.arrow.slices import need
from medqa_kit.errors import ArgumentError, FormattingError, MissingExtraError, shorten
from medqa_kit.matching.letters import composed

Embedding = Callable[[list[str]], Any]
"""A function from ``n`` texts to ``float[n, width]``; it is called with passages and with questions."""

# Words of Latin letters and digits; scripts without blanks between words, or with endings, in pairs.
_WORD = re.compile(r"[^\W_]+")
_PAIRED = re.compile(r"[\u1780-\u17FF\uAC00-\uD7A3\u3040-\u30FF\u4E00-\u9FFF]+")


@dataclass(frozen=True)
class AddContext:
    """Kernel that puts the passages nearest to a question into its ``context``.

    Attributes:
        passages: A table with ``id`` and ``text``, such as :func:`medqa_kit.passages` makes.
        most: How many passages a question gets at the most.
        by: ``"bm25"``, words and pairs of Korean or Khmer letters weighed by rarity; or a function that
            embeds texts, whose vectors are compared by their cosine.

    Raises:
        ArgumentError: An argument is none of these.
        FormattingError: When called: rows without ``question``, or vectors of an odd shape.
        MissingExtraError: When called: ``bm25s`` is not installed.

    Example:
        >>> notes = pa.table({"id": ["n/1", "n/2"], "text": ["Cool a burn with water.", "Press on a wound."]})
        >>> rows = pa.table({"id": ["q"], "question": ["What helps against a burn?"]})
        >>> AddContext(notes)(rows).select(["context", "context_ids"]).to_pylist()
        [{'context': 'Cool a burn with water.', 'context_ids': ['n/1']}]
    """

    passages: pa.Table
    most: int = 1
    by: Literal["bm25"] | Embedding = "bm25"

    def __post_init__(self) -> None:
        instance(
            "passages",
            self.passages,
            pa.Table,
            expected="a table",
            hint="mk.passages(file, source=...)",
        )
        if missing := [name for name in ("id", "text") if name not in self.passages.column_names]:
            raise ArgumentError(f"the passages have no column {missing[0]!r}", argument="passages",
                                expected="id and text", found=shorten(self.passages.column_names),
                                hint="mk.passages(file, source=...) makes such a table")  # fmt: skip
        for name in ("id", "text"):
            if not _holds_text(self.passages, name):
                raise ArgumentError(f"the column {name!r} of the passages holds no text", argument="passages",
                                    expected="text", found=str(self.passages.schema.field(name).type),
                                    hint="cast the column to string")  # fmt: skip
        if not self.passages.num_rows:
            raise ArgumentError("there are no passages", argument="passages", expected="one at least",
                                found="an empty table", hint="mk.passages(file, source=...) makes some")  # fmt: skip
        object.__setattr__(self, "most", whole_number("most", self.most, least=1))
        if not callable(self.by):
            one_of("by", self.by, ("bm25",), hint="or pass a function that embeds texts")

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the rows with ``context`` and ``context_ids`` (``list<string>``).

        A question that shares nothing with any passage has null in both, and a row that has a
        context keeps it, with the ids it has; null where it has none.
        """
        need(table, ("question",), purpose="looking for passages", hint="QA rows have one")
        if not _holds_text(table, "question"):
            raise FormattingError("questions are no texts", column="question", expected="text",
                                  found=str(table.schema.field("question").type),
                                  hint="QA rows have one")  # fmt: skip
        questions = [text or "" for text in table["question"].to_pylist()]
        best = self._best(questions) if questions else []
        texts, ids = (self.passages[name].to_pylist() for name in ("text", "id"))
        context = pa.array(
            ["\n\n".join(texts[n] for n in row) if row else None for row in best], pa.string()
        )
        named = pa.array(
            [[ids[n] for n in row] if row else None for row in best], pa.list_(pa.string())
        )
        if "context" in table.column_names:
            own = table["context"].cast(pa.string()).combine_chunks()
            kept = pa.nulls(len(own), named.type)
            if "context_ids" in table.column_names:
                kept = table["context_ids"].cast(named.type).combine_chunks()
            named = pc.if_else(pc.is_valid(own), kept, named)
            context = pc.coalesce(own, context)
        return _with_column(_with_column(table, "context", context), "context_ids", named)

    def _best(self, questions: list[str]) -> list[list[int]]:
        return self._by_words(questions) if self.by == "bm25" else self._by_vectors(questions)

    def _by_words(self, questions: Sequence[str]) -> list[list[int]]:
        """Return the passages with the highest scores of each question, the first the best."""
        scorer, vocabulary = self._index
        best = []
        for question in questions:
            known = [word for word in _words(question) if word in vocabulary]
            if known:
                best.append(_highest(scorer.get_scores(known), self.most))
            else:
                best.append([])
        return best

    @cached_property
    def _index(self) -> tuple[Any, frozenset[str]]:
        try:
            import bm25s
        except ImportError:
            raise MissingExtraError("bm25s", "retrieval", need='AddContext(by="bm25")') from None
        words = [_words(text or "") for text in self.passages["text"].to_pylist()]
        vocabulary = frozenset(word for own in words for word in own)
        scorer = bm25s.BM25()
        if vocabulary:  # it divides by the words there are
            scorer.index(words, show_progress=False)
        return scorer, vocabulary

    def _by_vectors(self, questions: list[str]) -> list[list[int]]:
        asked, known = self._vectors(questions), self._passage_vectors
        if asked.shape[1] != known.shape[1]:
            raise FormattingError("the function embeds questions otherwise than passages", found=f"{asked.shape[1]} numbers",
                                  expected=f"{known.shape[1]} numbers a text", hint="return float[n, width]")  # fmt: skip
        scores = asked @ known.T
        scores[:, np.asarray(pc.is_null(self.passages["text"]))] = 0.0  # no passage at all
        scores[[not question.strip() for question in questions]] = 0.0
        return [_highest(row, self.most) for row in scores]

    @cached_property
    def _passage_vectors(self) -> npt.NDArray[np.float64]:
        return self._vectors([text or "" for text in self.passages["text"].to_pylist()])

    def _vectors(self, texts: list[str]) -> npt.NDArray[np.float64]:
        assert callable(self.by)
        given = self.by(texts)
        try:
            vectors = np.asarray(given, np.float64)
        except (TypeError, ValueError):  # no numbers, or rows of several lengths
            vectors = np.full(len(texts), np.nan)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise FormattingError("the function embeds texts otherwise than asked", found=str(vectors.shape),
                                  expected=f"{len(texts)} vectors of finite numbers", hint="return float[n, width]")  # fmt: skip
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: npt.NDArray[np.float64] = vectors / np.maximum(lengths, 1e-12)
        return unit


def _holds_text(table: pa.Table, name: str) -> bool:
    kind = table.schema.field(name).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return is_text(kind) or pa.types.is_null(kind)


def _with_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    at = table.schema.get_field_index(name)
    return table.append_column(name, column) if at < 0 else table.set_column(at, name, column)


def _highest(scores: npt.NDArray[Any], most: int) -> list[int]:
    """Return the places of the highest scores above 0; of equal ones the first."""
    order = np.argsort(-scores, kind="stable")[:most]
    return [int(place) for place in order if scores[place] > 0]


def _words(text: str) -> list[str]:
    """Return the words of a text, however it is encoded; of scripts that are read in pairs, the pairs of letters."""
    words: list[str] = []
    for word in _WORD.findall(_PAIRED.sub(lambda run: f" {run[0]} ", composed(text).lower())):
        paired = _PAIRED.fullmatch(word) and len(word) > 2
        words += [word[n : n + 2] for n in range(len(word) - 1)] if paired else [word]
    return words
