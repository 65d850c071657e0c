"""One question as a harness writes it, and its gold: column-wise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import list_lengths, pick, whole
from medqa_kit.core.arrow.ragged import nested
from medqa_kit.core.arrow.slices import fail, filled
from medqa_kit.errors import AnswerError
from medqa_kit.evaluation.formats.contexts import written
from medqa_kit.evaluation.formats.format import LETTERS, HarnessFormat, Step
from medqa_kit.prompting.options import Markers, index_of, label_lists, option_parts, options_of
from medqa_kit.prompting.template import Filling, concat


class Queries(NamedTuple):
    """The questions of a batch, their targets and their choices."""

    texts: pa.Array
    gold: pa.Array  # string[n], null where the answer is withheld
    choices: pa.ListArray | None


def queries(format_: HarnessFormat, batch: pa.RecordBatch) -> Queries:
    """Write the questions of a batch.

    Raises:
        RowError: A null, another number of options than the format has, an answer outside them.
    """
    question = do_steps(filled(batch, "question", hint="leave the row out"), format_.question_steps)
    values: dict[str, Filling] = {"question": question}
    if format_.context:
        values["context"] = written(format_.context, batch)
    if format_.words:
        gold, choices = _words(format_, batch)
    else:
        gold, choices = _options(format_, batch, values)
    known = {name: values[name] for name in format_.query.names}
    return Queries(format_.query.join(known, rows=batch.num_rows), gold, choices)


def _options(
    format_: HarnessFormat, batch: pa.RecordBatch, values: dict[str, Filling]
) -> tuple[pa.Array, pa.ListArray | None]:
    options = options_of(batch, labels=len(LETTERS), exactly=format_.options,
                         hint="this harness has no open questions")  # fmt: skip
    index = index_of(batch, options)
    lengths = list_lengths(options)
    if format_.first_equal:
        index = _first_equal(options, index)
    if format_.option_steps:
        options = nested(do_steps(options.flatten(), format_.option_steps), lengths)
    values["options"] = option_parts(options, Markers(LETTERS, format_.line))
    if "letters" in format_.query.names:
        every = pa.array([",".join(LETTERS[:n]) for n in range(len(LETTERS) + 1)])
        values["letters"] = every.take(pa.array(lengths))
    letters = pa.array(LETTERS)
    match format_.gold:
        case "option":
            gold = pick(options, index)
        case "bracketed":
            gold = concat(["(", letters.take(index), ")"], rows=len(index))
        case _:
            gold = letters.take(index)
    return gold, _choices(format_, options)


def _choices(format_: HarnessFormat, options: pa.ListArray) -> pa.ListArray | None:
    if format_.scored != "choices":
        return None
    lengths = list_lengths(options)
    if format_.gold == "option":
        return nested(options.flatten(), lengths)
    return label_lists(lengths, LETTERS)


def _words(format_: HarnessFormat, batch: pa.RecordBatch) -> tuple[pa.Array, pa.ListArray | None]:
    answer = batch.column("answer").cast(pa.string())
    words = pa.array(format_.words)
    index = pc.index_in(answer, words)
    fail(batch, pc.and_(answer.is_valid(), index.is_null()), AnswerError,
         "the answer is not one of the words the format knows", column="answer",
         expected=", ".join(format_.words), found="another text",
         hint="these tasks know yes, no and maybe in lower case")  # fmt: skip
    gold = words.take(index) if format_.gold == "word" else pa.array(LETTERS).take(index)
    if format_.scored != "choices":
        return gold, None
    every = words.take(pa.array(np.tile(np.arange(len(words)), len(answer)), pa.int64()))
    return gold, nested(every, np.full(len(answer), len(words)))


def _first_equal(options: pa.ListArray, index: pa.Array) -> pa.Array:
    """Return the first place in each row with the same text as the place of the answer."""
    lengths = list_lengths(options)
    owner = np.repeat(np.arange(len(options)), lengths)
    starts = np.cumsum(lengths) - lengths
    same = pc.equal(options.flatten(), pick(options, index).take(pa.array(owner, pa.int64())))
    right = np.flatnonzero(np.asarray(whole(same.fill_null(False))))
    rows, first = np.unique(owner[right], return_index=True)
    places = np.zeros(len(options), np.int64)
    places[rows] = right[first] - starts[rows]
    return pa.array(places, mask=~np.asarray(index.is_valid()))


_STEPS: Mapping[Step, Callable[[pa.Array], pa.Array]] = {
    "strip": pc.utf8_trim_whitespace,  # the same code points as str.strip
    "strip_newlines": lambda texts: pc.utf8_trim(texts, "\n"),
    "drop_answer_heading": lambda texts: pc.replace_substring(texts, "### 정답", ""),
    "rstrip_quotes": lambda texts: pc.utf8_rtrim_whitespace(pc.utf8_rtrim(texts, '"')),
}


def do_steps(texts: pa.Array, steps: tuple[Step, ...]) -> pa.Array:
    """Apply the steps of a harness to texts, one after the other."""
    for step in steps:
        texts = _STEPS[step](texts)
    return texts
