"""Option markers and option lines: ``A. …``, ``① …``, ``ក. …``, column-wise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import nonempty_text, one_of, several
from medqa_kit.core.arrow.columns import list_lengths, whole
from medqa_kit.core.arrow.ragged import flat, nested, ranges, without_list_views
from medqa_kit.core.arrow.slices import fail
from medqa_kit.errors import AnswerError, ArgumentError, FormattingError, NullValueError, RowError
from medqa_kit.prompting.template import TemplatePart, concat

MarkerName = Literal["A", "1", "①", "ㄱ", "ក"]

_SPLICED = 32  # rows of equal length up to this many options are joined without making lists


@dataclass(frozen=True)
class Markers:
    """The names of the options of a question, in order.

    Args:
        labels: One a place: as many options as there are labels can be named.
        line: How an option is written; ``{marker}`` comes before ``{option}``.

    Raises:
        ArgumentError: The line does not hold both gaps once, there is no label, or labels repeat
            or are blank.

    Example:
        >>> Markers(("a", "b", "c"), line="({marker}) {option}").starts[:2]
        ('(a) ', '(b) ')
    """

    labels: tuple[str, ...]
    line: str = "{marker}. {option}"

    def __post_init__(self) -> None:
        before, marker, rest = nonempty_text("line", self.line).partition("{marker}")
        _, option, after = rest.partition("{option}")
        if not marker or not option or "{" in before + after:
            raise ArgumentError("an option line needs a marker, then an option", argument="line",
                                found=self.line, expected="such as '{marker}. {option}'",
                                hint="the marker comes first, each gap once")  # fmt: skip
        labels = several("labels", self.labels)
        if (
            len(set(labels)) < len(labels)
            or not all(isinstance(label, str) and label.strip() for label in labels)
            or not labels
        ):
            raise ArgumentError("labels are missing, repeat or are blank", argument="labels",
                                expected="one label a place, all different",
                                found=", ".join(map(str, labels)) or "none",
                                hint="an answer could not be told apart otherwise")  # fmt: skip
        object.__setattr__(self, "labels", labels)

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """What stands before each option."""
        return tuple(self._pieces[0].replace("{marker}", label) for label in self.labels)

    @property
    def end(self) -> str:
        """What stands after each option."""
        return self._pieces[1]

    @property
    def _pieces(self) -> tuple[str, str]:
        before, _, after = self.line.partition("{option}")
        return before, after


MARKERS: Mapping[MarkerName, Markers] = {
    "A": Markers(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    "1": Markers(tuple(str(i) for i in range(1, 100))),
    "①": Markers(
        tuple(chr(0x2460 + i) for i in range(20)) + tuple(chr(0x3251 + i) for i in range(15)),
        line="{marker} {option}",
    ),
    "ㄱ": Markers(tuple("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ")),
    "ក": Markers(tuple("កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ")),
}


def get_markers(markers: MarkerName | Markers) -> Markers:
    """Return the markers of that name, or those that were passed.

    Raises:
        ArgumentError: There are none of that name.

    Example:
        >>> get_markers("1").labels[:3]
        ('1', '2', '3')
    """
    if isinstance(markers, Markers):
        return markers
    return MARKERS[
        one_of(
            "markers",
            markers,
            tuple(MARKERS),
            hint="medqa_kit.prompting.options.Markers(('a', 'b', ...)) makes your own",
        )
    ]


def options_of(batch: pa.RecordBatch, *, labels: int | None = None, exactly: int | None = None,
               hint: str = "rows without options are open questions: style='open'") -> pa.ListArray:  # fmt: skip
    """Return the options of a batch as ``list<string>``, checked.

    Args:
        batch: Has a column ``options``.
        labels: How many options can be named at most.
        exactly: How many each row must have.
        hint: What to do about rows without options.

    Raises:
        NullValueError: A row has no options, or one of its options is null.
        RowError: A row has another number of options than can be named or is wanted.
    """
    options = option_lists(batch.column("options"))
    lengths = list_lengths(options)
    fail(batch, lengths == 0, NullValueError, "the row has no options", column="options",
         expected="a list of options", found="null or an empty list", hint=hint)  # fmt: skip
    values = options.flatten()
    if values.null_count:
        owners = whole(pc.list_parent_indices(options)).to_numpy()
        bad = np.zeros(len(options), bool)
        bad[owners[np.asarray(values.is_null())]] = True
        fail(batch, bad, NullValueError, "an option is null", column="options",
             expected="text; an empty option is an empty text", found="null",
             hint="drop the row: leaving the option out would shift the answer")  # fmt: skip
    if labels is not None:
        fail(batch, lengths > labels, RowError, "more options than there are markers",
             column="options", expected=f"at most {labels}", found=str(lengths.max(initial=0)),
             hint="markers='1' names up to 99")  # fmt: skip
    if exactly is not None:
        wrong = lengths != exactly
        others = ", ".join(map(str, np.unique(lengths[wrong])[:3]))
        fail(batch, wrong, RowError, "the format has another number of options",
             column="options", expected=str(exactly), found=others,
             hint="this harness scores questions with that many options only")  # fmt: skip
    return options


def option_lists(column: Any) -> pa.ListArray:
    """Return a column of options as ``list<string>``; null stays null.

    Raises:
        FormattingError: They are not lists of text.

    Example:
        >>> option_lists(pa.array([["a"]], pa.large_list(pa.string()))).type
        ListType(list<item: string>)
    """
    wanted = pa.list_(pa.string())
    if column.type == wanted:
        return column
    try:
        return without_list_views(whole(column)).cast(wanted)
    except pa.ArrowException as error:
        raise FormattingError("the options are not lists of text", column="options",
                              expected="list<string>", found=str(column.type),
                              hint="mk.load gives normalised rows") from error  # fmt: skip


def whole_answers(answers: Any) -> pa.Array:
    """Return answers as whole numbers; null stays null.

    Raises:
        FormattingError: They are no whole numbers.

    Example:
        >>> whole_answers(pa.array([1.0, None])).to_pylist()
        [1, None]
    """
    try:
        return answers.cast(pa.int64())
    except pa.ArrowException as error:
        raise FormattingError("the answers are no places among the options", column="answer_index",
                              expected="whole numbers from 0", found=str(answers.type),
                              hint="mk.load gives normalised rows") from error  # fmt: skip


def index_of(batch: pa.RecordBatch, options: pa.ListArray) -> pa.Array:
    """Return the answer's 0-based place, null where it is withheld, checked against the options.

    Raises:
        AnswerError: It is outside the row's options.
    """
    index = whole_answers(batch.column("answer_index"))
    places = index.fill_null(0).to_numpy(zero_copy_only=False)
    outside = (places < 0) | (places >= list_lengths(options))
    outside &= np.asarray(index.is_valid())
    fail(batch, outside, AnswerError, "the answer is not one of the options",
         column="answer_index", expected="0 up to the number of options, less one",
         found=", ".join(map(str, places[outside][:3])),
         hint="answer_index counts from 0; a shifted label base looks like this")  # fmt: skip
    return index


def option_parts(options: pa.ListArray, markers: Markers) -> tuple[TemplatePart, ...]:
    """Write the options under each other, as parts to splice into a join.

    Rows of one length, the usual case, need no list to be built; others take the general way.

    Args:
        options: From :func:`options_of`.
        markers: Their names.
    """
    lengths = list_lengths(options)
    if len(lengths) and lengths[0] == lengths.min() == lengths.max() <= _SPLICED:
        width, values = int(lengths[0]), options.flatten()
        first = np.arange(len(lengths)) * width
        parts: list[TemplatePart] = []
        for place in range(width):
            between = markers.end + "\n" if place else ""
            parts += [between + markers.starts[place], values.take(pa.array(first + place))]
        return (*parts, markers.end)
    every = flat(options)
    before = pa.array(markers.starts, pa.string()).take(pa.array(every.places))
    lines = concat([before, every.values, markers.end], rows=len(every.values))
    return (pc.binary_join(nested(lines, lengths), "\n"),)


def label_lists(lengths: np.ndarray, labels: tuple[str, ...]) -> pa.ListArray:
    """Return, for each row, the labels of its options.

    Example:
        >>> label_lists(np.array([2, 1]), ("A", "B", "C")).to_pylist()
        [['A', 'B'], ['A']]
    """
    places = ranges(np.zeros_like(lengths), lengths)
    return nested(pa.array(labels, pa.string()).take(pa.array(places)), lengths)
