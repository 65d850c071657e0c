"""The right answer of a row: the right option of a question, or the reply of a record.

Asides in brackets, such as the English name of a disease, are left out: copies drop or add them.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import pick
from medqa_kit.core.arrow.ragged import is_list
from medqa_kit.matching.row_texts import answer_texts, as_list, column_texts, holds_text

_ASIDE = r"\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]"
_NOTHING = r"^[\s\pP\pS]*$"
_REPLIES = ("completion", "chosen", "preferred_output", "output", "response", "answer")
_ENDS = 120  # characters at the end of a text, in which its answer stands
_SIGN = "[A-J1-9①-⑩ㄱ-ㅎកខគឃង]"
_LABEL = re.compile(
    rf"(?:^|[\s:：៖(\[*\"'>]|은)(?P<last>{_SIGN})[\s.)\]*\"'}}\\>]*(?:(?:번|이다|입니다|។)[.\s]*)*(?:<[^<>]{{1,40}}>\s*)*$"
    rf"|(?i:정답|답|answer|ចម្លើយ)(?:[은는]|\s+is)?\s*[:：៖]?\s*[(\[]?(?P<first>{_SIGN})[.):\]][^\n]{{0,80}}$"
)
_AFTER = {first: second for labels in ("ABCDEFGHIJK", "123456789", "①②③④⑤⑥⑦⑧⑨⑩⑪", "ㄱㄴㄷㄹㅁㅂㅅ", "កខគឃងច")
          for first, second in pairwise(labels)}  # fmt: skip
_TURNS = ("messages", "conversations", "segments")


def right_options(batch: pa.RecordBatch, options: pa.ListArray) -> pa.Array:
    """Return the text of the right option of each row; empty where there are no options, or none is right.

    Args:
        batch: Rows of any schema.
        options: ``list<string>[n]``: the options of each row.

    Returns:
        ``string[n]``.

    Example:
        >>> batch = pa.record_batch({"answer_index": [1, None], "answer": ["CML", "None"]})
        >>> options = pa.array([["AML", "CML (chronic myeloid leukemia)"], []], pa.list_(pa.string()))
        >>> right_options(batch, options).to_pylist()
        ['CML ', '']
    """
    answers = answer_texts(batch)
    if "answer_index" in batch.schema.names and pa.types.is_integer(batch["answer_index"].type):
        answers = pc.coalesce(pick(options, batch["answer_index"]), answers)
    return without_brackets(pc.if_else(pc.greater(pc.list_value_length(options), 0), answers, ""))


def replies(batch: pa.RecordBatch) -> pa.Array:
    """Return what each row replies: its completion, chosen reply, answer, or last turn; else empty.

    Example:
        >>> replies(pa.record_batch({"prompt": ["Why?"], "completion": ["So (as it is)."]})).to_pylist()
        ['So .']
        >>> turns = [[{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]]
        >>> replies(pa.record_batch({"messages": turns})).to_pylist()
        ['So.']
    """
    names = batch.schema.names
    for name in (*_REPLIES, *_TURNS):
        if name in names and (texts := last_texts(batch[name])) is not None:
            return without_brackets(texts)
    return pa.array([""] * batch.num_rows, pa.string())


def named_options(texts: pa.Array, replies: pa.Array) -> pa.Array:
    r"""Return replies; where one, or the end of a text without any, is the label of an option, the option it names.

    Args:
        texts: ``string[n]``: all text of a few rows, which may list options.
        replies: ``string[n]``: what these reply, empty where that is not told apart.

    Example:
        >>> asked = "Which one?\nA. gout\nB. lupus\nAnswer:"
        >>> named_options(pa.array([asked, asked + " A", "B"]), pa.array(["B", "", "B"])).to_pylist()
        ['lupus', 'gout', 'B']
    """
    # Free text, a few rows: where a label stands is told text by text.
    return pa.array([_named_option(text, reply) or reply
                     for text, reply in zip(texts.to_pylist(), replies.to_pylist(), strict=True)], pa.string())  # fmt: skip


def _named_option(text: str, reply: str) -> str | None:
    ends = reply if reply.strip() else text[-_ENDS:]
    if len(ends) > _ENDS or not (label := _LABEL.search(ends)):
        return None
    sign = label["last"] or label["first"]
    after = _AFTER.get(sign)
    listed = text if reply.strip() else text[: len(text) - len(ends) + label.start()]
    mark = r"(?:^|[\s(\[]){}(?:[.):\]．、]|(?<=[①-⑪]))"
    begins = list(re.finditer(mark.format(sign), listed))
    if not begins:
        return None
    option = listed[begins[-1].end() :].lstrip().partition("\n")[0]
    return re.split(mark.format(after), option)[0] if after else option


def last_texts(column: pa.Array) -> pa.Array | None:
    """Return the texts of a column, of lists those of the last element; None where it holds no text.

    Example:
        >>> last_texts(pa.array([["a", "b"], None])).to_pylist()
        ['b', '']
    """
    if not holds_text(column.type):
        return None
    if not is_list(column.type):
        return column_texts(column).fill_null("")
    lists = as_list(column)
    ends, values = lists.offsets.to_numpy(), lists.values
    filled = pa.array(ends[1:] - 1, mask=np.diff(ends) == 0)
    return column_texts(values.take(filled)).fill_null("")


def without_brackets(texts: pa.Array) -> pa.Array:
    """Return texts without what stands in brackets, unless that is all there is.

    Example:
        >>> without_brackets(pa.array(["gout [podagra]", "(A)"])).to_pylist()
        ['gout ', '(A)']
    """
    bare = pc.replace_substring_regex(texts, _ASIDE, "")
    return pc.if_else(pc.match_substring_regex(bare, _NOTHING), texts, bare)
