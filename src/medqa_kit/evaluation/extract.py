"""Read the answer in a reply of a model, by the rule of a harness or by ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from medqa_kit.core.arguments import (
    boolean,
    instance,
    nonempty_text,
    several,
    several_texts,
    whole_number,
)
from medqa_kit.core.arrow.slices import by_tables, need
from medqa_kit.core.kernel import carried_columns, misfit_errors
from medqa_kit.core.showing.shown import Block, Shown, field_table
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.evaluation.answers.cues import asks_for_wrong
from medqa_kit.evaluation.answers.option_marks import shown_labels
from medqa_kit.evaluation.answers.readings import Extraction, Reason
from medqa_kit.evaluation.answers.robust import Robust
from medqa_kit.evaluation.formats import HarnessFormat, find_format
from medqa_kit.evaluation.formats.format import LETTERS
from medqa_kit.prompting.options import MarkerName, Markers, get_markers

__all__ = ["Extraction", "Reason", "extract", "extract_answers"]

_USUAL, _MOST = 5, 99  # options, where nothing says how many; at the most
_LATIN = ("A", "1", "①", "ក")  # read whatever the prompt's markers are


def extract(
    completion: str,
    *,
    options: Sequence[str] | int | None = None,
    rule: str = "robust",
    markers: MarkerName | Markers | None = None,
    question: Mapping[str, Any] | str | None = None,
) -> Extraction:
    r"""Read the answer out of a reply.

    Args:
        completion: What the model said.
        options: The texts of the options, or how many there are. With the texts, a reply that
            gives them instead of a marker is read too, and a marker that disagrees with the text
            beside it is not.
        rule: ``"robust"``, our own; or the name of a harness format
            (:func:`~medqa_kit.evaluation.formats.harnesses`): that harness's own rule, after
            its stop strings have cut the reply.
        markers: The markers of the prompt, for the robust rule: it reads A, 1, ① and ក by
            itself; 가 and ㄱ where the stem or the options show them ("가. …"), and markers of
            your own, only when named here.
        question: The row that was asked, or its stem, for the robust rule: it gives the options where
            ``options`` is left out, and says whether the wrong one is asked for. "The false one is C"
            then answers "which is false?", and does not answer "which is true?".

    Returns:
        The option from 0, or null, with the reason and the place.

    Raises:
        ArgumentError: No such rule or markers, no options where their texts are scored, or more
            than 99 of them.

    Example:
        >>> extract("정답은 ②번입니다.").index
        1
        >>> extract("The answer is (C).").index
        2
        >>> extract("정답: A 또는 B")
        no option (several): 'A' at 4 to 5
        >>> extract("B번입니다", rule="lm_eval/kormedmcqa@3.0")
        no option (unread)
        >>> row = {"question": "Which of these is true?", "options": ["Angina", "Asthma"]}
        >>> extract("The false one is B.", question=row).reason
        'nothing'
    """
    instance("completion", completion, str, expected="text", hint="read rows with extract_answers")
    stem, row_options = _asked(question)
    texts = _texts(row_options if options is None else options)
    if not _is_ours(rule):
        return _by_harness(completion, texts, find_format(rule, argument="rule", also=("robust",)))
    labels, negative = _labels(markers), None if stem is None else asks_for_wrong(stem)
    if isinstance(texts, int):
        return _robust(texts, (), labels[:texts], True, negative).read(completion)
    shown, texts = _shown(stem, texts)
    labels, count = labels or shown, len(texts) or _USUAL
    return _robust(count, texts, labels[:count], bool(texts), negative).read(completion)


def _asked(
    question: Mapping[str, Any] | str | None,
) -> tuple[str | None, Sequence[str] | None]:
    """Return the stem and the options of a row, as far as they are known."""
    if question is None or isinstance(question, str):
        return question, None
    instance("question", question, Mapping, expected="a row or its stem", hint="question=row")
    stem, options = question.get("question"), question.get("options")
    if not isinstance(stem, str):
        raise ArgumentError("the row asks nothing", argument="question", expected="a key 'question' with text",
                            found=shorten(list(question)), hint="pass a row of the QA schema")  # fmt: skip
    return stem, options if options is not None and len(options) else None


def _texts(options: Sequence[str] | int | None) -> tuple[str, ...] | int:
    if isinstance(options, int | np.integer):
        return whole_number("options", options, least=1, most=_MOST,
                            hint="pass the texts, or their number")  # fmt: skip
    values: Any = (
        options.to_pylist() if isinstance(options, pa.Array | pa.ChunkedArray) else options
    )
    if isinstance(values, Mapping):
        raise ArgumentError("options= takes the texts of the options", argument="options", expected="a list of texts",
                            found=shorten([values]), hint="texts of a dict are list(options.values())")  # fmt: skip
    listed = () if values is None else several("options", values)
    texts = tuple("" if text is None else instance("options", text, str, expected="texts", hint="write numbers as texts")
                  for text in listed)  # fmt: skip  # nulls stand in data
    if values is not None:
        whole_number("options", len(texts), least=1, most=_MOST, hint="leave options= out")
    return texts


def _is_ours(rule: str) -> bool:
    return isinstance(rule, str) and rule == "robust"


def _labels(markers: MarkerName | Markers | None) -> tuple[str, ...]:
    """Return the labels of markers that are read only when they are named."""
    if markers is None or (isinstance(markers, str) and markers in _LATIN):
        return ()
    return get_markers(markers).labels


@lru_cache(maxsize=256)
def _shown(stem: str | None, texts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return shown_labels(stem, texts)


@lru_cache(maxsize=256)
def _robust(
    count: int, texts: tuple[str, ...], labels: tuple[str, ...], counted: bool,
    negative: bool | None,
) -> Robust:  # fmt: skip
    return Robust(count, texts, labels, counted=counted, negative=negative)


def _by_harness(
    completion: str, options: tuple[str, ...] | int, format_: HarnessFormat
) -> Extraction:
    if not options and format_.gold != "option":
        options = format_.options or len(format_.words) or _USUAL
    if isinstance(options, int):
        options = ("",) * min(options, len(LETTERS))
    if format_.gold == "option" and not any(options):
        raise ArgumentError(f"{format_.name} scores the options' texts", argument="options",
                            expected="options=[...]", found="no texts",
                            hint="pass the texts of the options")  # fmt: skip
    verdict = format_.read(format_.cut(completion), options)
    index = verdict.index if verdict.index is None or verdict.index < len(options) else None
    span = None if verdict.start < 0 else (verdict.start, verdict.end)
    return Extraction(index, "unread" if index is None else "harness", span, verdict.value)


@dataclass(frozen=True, repr=False)
class ExtractAnswers(Shown):
    """The kernel :func:`extract_answers` makes.

    Example:
        >>> rows = pa.table({"id": ["a"], "completion": ["The answer is B."]})
        >>> extract_answers(options=4)(rows)["index"].to_pylist()
        [1]
    """

    rule: str
    column: str
    options: int | None
    markers: MarkerName | Markers | None
    keep: tuple[str, ...]
    identity: bool

    def __post_init__(self) -> None:
        if not _is_ours(self.rule):
            find_format(self.rule, argument="rule", also=("robust",))
        nonempty_text("column", self.column)
        if self.options is not None:
            _texts(self.options)
        _labels(self.markers)
        boolean("identity", self.identity)

    def _blocks(self) -> Iterator[Block]:
        yield "extract_answers: what replies answer"
        yield field_table(self)

    def __call__(self, table: pa.Table) -> pa.Table:
        """Read a table of replies; see :func:`extract_answers`."""
        need(table, (self.column, *self.keep), purpose="reading answers",
             hint="column= names the replies")  # fmt: skip
        named, kept = self._carried(table.column_names)
        used = dict.fromkeys((*named, self.column, "options", "question", *kept))
        with misfit_errors(extract_answers, table.schema):
            return by_tables(
                table.select([n for n in used if n in table.column_names]), self._piece
            )

    def _carried(self, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return carried_columns(names, identity=self.identity, keep=self.keep)

    def _piece(self, table: pa.Table) -> pa.Table:
        replies = table[self.column].to_pylist()
        options: list[Sequence[str] | int | None] = [self.options] * len(replies)
        if self.options is None and "options" in table.column_names:
            options = table["options"].to_pylist()
        stems: list[str | None] = [None] * len(replies)
        if self.rule == "robust" and "question" in table.column_names:
            stems = table["question"].to_pylist()
        # Reading free text is a matter of regular expressions, one reply at a time.
        read = [
            None if reply is None
            else extract(reply, options=texts or None, rule=self.rule, markers=self.markers, question=stem)
            for reply, texts, stem in zip(replies, options, stems, strict=True)
        ]  # fmt: skip
        named, kept = self._carried(table.column_names)
        return pa.table({
            **{name: table[name].cast(pa.string()) for name in named},
            "index": pa.array([answer and answer.index for answer in read], pa.int32()),
            "reason": pa.array([answer and answer.reason for answer in read], pa.string()),
            **{name: table[name] for name in kept},
        })  # fmt: skip


def extract_answers(
    *,
    rule: str = "robust",
    column: str = "completion",
    options: int | None = None,
    markers: MarkerName | Markers | None = None,
    keep: Sequence[str] = (),
    identity: bool = True,
) -> ExtractAnswers:
    """Return the kernel that reads the answer out of every reply of a table.

    Args:
        rule: See :func:`extract`.
        column: The replies; a null reply gives a null index and a null reason.
        options: How many options there are; left out, the texts in a column ``options`` where
            the table has one.
        markers: See :func:`extract`.
        keep: Columns to carry along, such as ``("answer_index",)``.
        identity: Carry ``id``, ``source``, ``family`` and ``language`` along, as far as the rows
            have them.

    Returns:
        A kernel. It returns these columns, ``index`` (from 0; null where none was read), ``reason`` and
        the columns of ``keep``.

    Raises:
        ArgumentError: See :func:`extract`.
        FormattingError: When called: a column is missing.

    Example:
        >>> replies = pa.table({"id": ["d/1", "d/2"], "completion": ["정답은 ②번입니다.", "모르겠습니다"]})
        >>> extract_answers()(replies).to_pylist()[0]
        {'id': 'd/1', 'index': 1, 'reason': 'statement'}
    """
    return ExtractAnswers(rule, column, options, markers, several_texts("keep", keep), identity)
