"""Token counts, by whatever will read the text.

Counts differ 4.6-fold between tokenizers for the same Khmer sentence, and characters divided by
four are low by up to 11 times: count with the tokenizer you train, or call the result an estimate.
Counts do not add up either (``"정답: "`` and ``"A…"`` apart are one token more than together), so
prompt and reply are rendered and counted as a whole, and the reply is the difference.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import instance, several
from medqa_kit.core.arrow.columns import is_text, type_without_views, whole
from medqa_kit.core.arrow.messages import constant, text
from medqa_kit.core.arrow.ragged import flat, joined_lists, nested
from medqa_kit.core.arrow.usual_types import in_usual_types
from medqa_kit.core.threads import in_order
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.tokens.chat_templates import ChatTemplate, Tokenizer, chat_template, render
from medqa_kit.tokens.rank_files import RankFile, encoding
from medqa_kit.training.conversations import prompt_and_reply

_DOCUMENT = 10_000  # characters, on average, from which threads pay
_PIECE = 100_000  # characters; tiktoken refuses about a million blanks in a row


@runtime_checkable
class _Tiktoken(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


@runtime_checkable
class _HuggingFace(Protocol):
    def __call__(self, text: Any, *, add_special_tokens: bool) -> Any: ...

    def convert_ids_to_tokens(self, ids: Any) -> Any: ...


@runtime_checkable
class _Fast(Protocol):
    def encode_batch(self, input: Any, *, add_special_tokens: bool) -> Any: ...

    def encode_batch_fast(self, input: Any) -> Any: ...


@runtime_checkable
class _SentencePiece(Protocol):
    def encode(self, input: Any) -> Any: ...

    def get_piece_size(self) -> int: ...


Counter = str | RankFile | Tokenizer | _Tiktoken | _Fast | _SentencePiece | Callable[[str], int]
"""An encoding name, a rank file, a tokenizer of ``tiktoken``, ``tokenizers`` or ``transformers``, a
``SentencePieceProcessor``, or your own function from text to count."""


def count_tokens(
    texts: pa.Array | pa.ChunkedArray | Sequence[str | None], *, counter: Counter
) -> pa.Array:
    """Count the tokens of texts.

    Text that looks like a control token is counted as the plain text it is, except by Hugging
    Face tokenizers, which read it as the control token. No tokens are added at either end.

    Args:
        texts: ``string[n]``; null counts as null.
        counter: See :data:`Counter`.

    Returns:
        ``int32[n]``.

    Raises:
        ArgumentError: The texts are no texts, or the counter is none.
        FormattingError: The counter's rank file is absent or altered.

    Example:
        >>> count_tokens(["열이 나요", "", None], counter=len).to_pylist()
        [5, 0, None]
    """
    texts = _strings(texts)
    present = texts.drop_null()
    counts = np.fromiter(_many(counter)(present.to_pylist()), np.int32, len(present))
    if not texts.null_count:
        return pa.array(counts)
    places = np.cumsum(whole(texts.is_valid()).to_numpy(zero_copy_only=False)) - 1
    return pa.array(counts[np.maximum(places, 0)] if len(counts) else np.zeros(len(texts), np.int32),
                    mask=whole(texts.is_null()).to_numpy(zero_copy_only=False))  # fmt: skip


def _strings(texts: pa.Array | pa.ChunkedArray | Sequence[str | None]) -> pa.Array:
    """Return texts as one array; wrong kinds are refused."""
    if isinstance(texts, pa.Array | pa.ChunkedArray):
        kind = texts.type.value_type if pa.types.is_dictionary(texts.type) else texts.type
        if is_text(kind) or pa.types.is_null(kind):
            return whole(texts.cast(type_without_views(kind)))
        listed = None
        wrong: Any = texts.slice(0, 1).to_pylist()
    else:
        listed = several("texts", texts)
        wrong = [value for value in listed if not isinstance(value, str | None)]
    if listed is None or wrong:
        raise ArgumentError(
            "texts= takes texts", argument="texts", expected="strings or None", found=shorten(wrong[:1]),
            hint="mk.fit(rows, ...) counts the tokens of rows",
        )  # fmt: skip
    try:
        return pa.array(listed, pa.large_string())
    except UnicodeEncodeError:  # half a surrogate pair: counted as the mark for what is unreadable
        return pa.array([value and _readable(value) for value in listed], pa.large_string())


def _readable(value: str) -> str:
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _many(counter: Any) -> Callable[[list[str]], Sequence[int]]:
    """Turn a counter into a function on a list of texts.

    They loop over rows: tokenizers take one text at a time, or thread over a list themselves.
    """
    if isinstance(counter, str | RankFile):
        return _by_tiktoken(encoding(counter))
    if isinstance(counter, _Tiktoken):
        return _by_tiktoken(counter)
    if isinstance(counter, _Fast):
        whole_texts = _unlimited(counter)
        return lambda texts: [
            len(encoding_of_text.ids)
            for encoding_of_text in whole_texts.encode_batch(texts, add_special_tokens=False)
        ]
    if isinstance(counter, _HuggingFace):
        return lambda texts: (
            [len(ids) for ids in counter(texts, add_special_tokens=False)["input_ids"]]
            if texts
            else []
        )
    if isinstance(counter, _SentencePiece):
        return lambda texts: [len(ids) for ids in counter.encode(texts)]
    if callable(counter):
        return lambda texts: [_counted(counter(value)) for value in texts]
    raise ArgumentError(
        "counter= is nothing that counts tokens", argument="counter",
        expected="an encoding name, a RankFile, a tokenizer or a function", found=type(counter).__name__,
        hint="counter=len counts characters; counter='o200k_base' counts tokens of that encoding",
    )  # fmt: skip


def _unlimited(counter: Any) -> Any:
    """Return a tokenizer that neither cuts nor fills texts, as those in the files of models are often set to."""
    limits = (getattr(counter, name, None) for name in ("truncation", "padding"))
    return counter if all(limit is None for limit in limits) else _copied(counter)


@lru_cache(maxsize=4)
def _copied(counter: Any) -> Any:
    copy = pickle.loads(pickle.dumps(counter))
    copy.no_truncation()
    copy.no_padding()
    return copy


def _counted(count: Any) -> int:
    if isinstance(count, int | np.integer) and not isinstance(count, bool) and count >= 0:
        return int(count)
    raise ArgumentError(
        "counter= gives no count", argument="counter", expected="a whole number from 0 for one text",
        found=shorten([count]), hint="counter=lambda text: len(tokenizer.encode(text))",
    )  # fmt: skip


def _by_tiktoken(vocabulary: Any) -> Callable[[list[str]], Sequence[int]]:
    encode_short = vocabulary.encode_ordinary

    def count(value: str) -> int:
        return (len(encode_short(value)) if len(value) <= _PIECE
                else _long(vocabulary.encode, value))  # fmt: skip

    def counts(texts: list[str]) -> list[int]:
        # Other threads go on while it encodes; for short texts the hand-over costs more than it saves.
        documents = sum(map(len, texts)) > _DOCUMENT * len(texts)
        return list(in_order(count, texts, threads=None if documents else 1))

    return counts


def _long(encode: Callable[..., list[int]], value: str) -> int:
    """Count a long text even where tiktoken gives up, which a million blanks make it do.

    Such text is counted in pieces of 100,000 characters; each cut may add a token. The fastest call
    of tiktoken would end the process on it instead of raising an error.
    """
    try:
        return len(encode(value, disallowed_special=()))
    except ValueError:
        if len(value) <= _PIECE:
            raise
        return sum(_long(encode, value[i : i + _PIECE]) for i in range(0, len(value), _PIECE))


@dataclass(frozen=True)
class TokenCounts:
    """The kernel :func:`token_counts` makes."""

    counter: Counter
    template: ChatTemplate | Tokenizer | None = None
    variables: tuple[tuple[str, Any], ...] = field(default=())

    def __call__(self, table: pa.Table) -> pa.Table:
        """Add ``prompt_tokens`` and ``completion_tokens``."""
        prompt, total = self.lengths(table)
        reply = pc.subtract(total, prompt)
        for name, values in (("prompt_tokens", prompt), ("completion_tokens", reply)):
            if name in table.column_names:
                table = table.drop_columns([name])
            table = table.append_column(name, values)
        return table

    def lengths(self, table: pa.Table) -> tuple[pa.Array, pa.Array]:
        """Count each row's prompt, and prompt and reply together; of two replies, the longer.

        A text that comes several times, such as the prompt of a row without a reply, is encoded once.
        """
        prompts, wholes = self._texts(table)
        sides = [texts.cast(pa.large_string()) for texts in (prompts, *wholes)]
        texts = pa.concat_arrays(sides).dictionary_encode()
        counts = count_tokens(texts.dictionary, counter=self.counter).take(texts.indices)
        before, *together = (
            counts.slice(i * len(prompts), len(prompts)) for i in range(len(sides))
        )
        return before, together[0] if len(together) == 1 else pc.max_element_wise(*together)

    def _texts(self, table: pa.Table) -> tuple[pa.Array, list[pa.Array]]:
        table = in_usual_types(table)
        names = table.column_names
        if "text" in names and not {"prompt", "messages"} & set(names):
            return constant("", table.num_rows), [text(table, "text")]
        replies = [name for name in ("completion", "chosen", "rejected") if name in names]
        if "prompt" in names and is_text(table.schema.field("prompt").type):
            prompt = text(table, "prompt")
            wholes = [  # a reply that is null adds nothing to its prompt
                pc.binary_join_element_wise(prompt, text(table, name).fill_null(""), "")
                for name in replies
            ]
            return prompt, wholes or [prompt]
        if "messages" in names or ("prompt" not in names and replies):
            threads = [
                whole(table[name]) for name in (["messages"] if "messages" in names else replies)
            ]
            return self._threads(prompt_and_reply(threads[0])[0], threads)
        if "prompt" in names:
            prompt = whole(table["prompt"])
            return self._threads(
                prompt, [joined_lists(prompt, whole(table[name])) for name in replies] or [prompt]
            )
        raise FormattingError(
            "there is nothing to count in these columns",
            expected="records in TRL's column names: messages, prompt, completion, chosen, text, ...",
            found=", ".join(names),
            hint="mk.record(...) makes records of rows; mk.fit(rows, record=...) counts what it makes",
        )

    def _threads(
        self, prompt: pa.ListArray, wholes: list[pa.ListArray]
    ) -> tuple[pa.Array, list[pa.Array]]:
        if self.template is None:
            return _bare(prompt), [_bare(thread) for thread in wholes]
        return self._rendered(prompt, asked=True), [self._rendered(t, asked=False) for t in wholes]

    def _rendered(self, lists: pa.ListArray, *, asked: bool) -> pa.Array:
        """Render each conversation: loops over rows, since Jinja takes one at a time."""
        assert self.template is not None
        given = dict(self.variables)
        texts = [
            render(row, template=self.template, generation_prompt=asked, variables=given)
            if row
            else ""
            for row in lists.to_pylist()
        ]
        return pa.array(texts, pa.string())


def token_counts(
    *,
    counter: Counter,
    template: str | ChatTemplate | Tokenizer | None = None,
    variables: Mapping[str, Any] | None = None,
) -> TokenCounts:
    """Make the kernel that counts the tokens of records.

    Args:
        counter: See :data:`Counter`.
        template: How message lists are rendered before they are counted, see
            :func:`medqa_kit.tokens.chat_templates.render`. Left out: by the counter's own
            chat template if it has one; otherwise the contents alone are counted, without the
            marks around each turn.
        variables: Variables of the template.

    Returns:
        A kernel that adds ``prompt_tokens`` and ``completion_tokens`` to records in TRL's column
        names. The reply is what prompt and reply together have more than the prompt.

    Example:
        >>> table = pa.table({"prompt": ["열의 원인은?"], "completion": [" 감염"]})
        >>> token_counts(counter=len)(table).select(["prompt_tokens", "completion_tokens"]).to_pylist()
        [{'prompt_tokens': 7, 'completion_tokens': 3}]
    """
    if variables is not None:
        instance(
            "variables",
            variables,
            Mapping,
            expected="a dict",
            hint='variables={"enable_thinking": False}',
        )
    chosen = chat_template(template) if isinstance(template, str) else template
    if chosen is None and getattr(counter, "chat_template", None):
        chosen = counter  # type: ignore[assignment]
    _many(counter)  # an encoding that is not at hand is told now, not in a worker
    return TokenCounts(counter, chosen, tuple((variables or {}).items()))


def _bare(lists: pa.ListArray) -> pa.Array:
    """Join the contents of messages, reasoning first, line by line."""
    turns = flat(lists)
    contents = pc.fill_null(pc.struct_field(turns.values, "content"), "")
    if any(field.name == "reasoning_content" for field in turns.values.type):
        reasoning = pc.struct_field(turns.values, "reasoning_content")
        both = pc.binary_join_element_wise(reasoning, contents, "\n")
        contents = pc.if_else(reasoning.is_valid(), both, contents)
    return pc.binary_join(nested(contents, turns.ends - turns.starts), "\n")
