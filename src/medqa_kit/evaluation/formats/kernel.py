"""The kernel of a harness format: normalised rows in, that harness's prompts out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import boolean, one_of
from medqa_kit.core.arrow.columns import contiguous, list_lengths
from medqa_kit.core.arrow.ragged import nested
from medqa_kit.core.arrow.slices import by_slices, fail, need
from medqa_kit.core.kernel import carried_columns, identity_columns
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import AnswerError, ArgumentError, FormattingError, NullValueError, RowError
from medqa_kit.evaluation.formats.contexts import LIST_HINT, spread
from medqa_kit.evaluation.formats.format import LETTERS, ChatMode, HarnessFormat, LabelBase
from medqa_kit.evaluation.formats.queries import Queries, do_steps, queries
from medqa_kit.evaluation.formats.raw_rows import no_label, read_rows
from medqa_kit.prompting.template import concat


@dataclass(frozen=True, eq=False, repr=False)
class Harness(Shown):
    """A harness format with its shots: a kernel, and the facts of the format.

    Made by :func:`~medqa_kit.evaluation.formats.harness`.

    Example:
        >>> from medqa_kit.evaluation.formats import harness
        >>> kernel = harness("lm_eval/kormedmcqa@3.0")
        >>> kernel.name, kernel.version, kernel.label_base
        ('lm_eval/kormedmcqa@3.0', '3.0', 1)
    """

    format: HarnessFormat
    shots: pa.Table | None = None
    chat: ChatMode | None = None
    target: Literal["scored", "trained"] = "scored"
    keep: tuple[str, ...] = ()
    identity: bool = True

    def __post_init__(self) -> None:
        one_of("chat", self.chat, (None, *get_args(ChatMode)))
        one_of("target", self.target, ("scored", "trained"))
        boolean("identity", self.identity)
        assembly = self.format.assembly
        if self.chat not in assembly.modes:
            have = ", ".join(map(repr, assembly.modes))
            raise ArgumentError(f"{self.name} has no such chat mode", argument="chat",
                                found=repr(self.chat), expected=have, hint="the harness itself does not send that")  # fmt: skip
        if self.shots is not None and self.shots.num_rows and not assembly.takes_shots:
            raise ArgumentError(f"{self.name} shows no examples", argument="shots",
                                found=f"{self.shots.num_rows} shots", expected="none",
                                  hint="leave shots= out")  # fmt: skip

    def _blocks(self) -> Iterator[Block]:
        shots = "as the rows say" if self.shots is None else str(self.shots.num_rows)
        yield from self.format._blocks()
        yield [
            ("of this kernel", "value"), ("shots", shots), ("chat", self.chat or "plain text"),
            ("target", self.target), ("carried along", ", ".join(self.keep) or "nothing more"),
        ]  # fmt: skip

    @property
    def name(self) -> str:
        """``harness/task@version``: quote it with every score."""
        return self.format.name

    @property
    def version(self) -> str:
        """The part of the name after the ``@``."""
        return self.name.rpartition("@")[2]

    @property
    def stop(self) -> tuple[str, ...]:
        """Strings that end the generation; nothing after the first of them is seen."""
        return self.format.stop

    @property
    def label_base(self) -> LabelBase:
        """The kind of raw label; ``answer_index`` counts from 0 in any case."""
        return self.format.row.base

    @property
    def quirks(self) -> tuple[str, ...]:
        """Sentences about behaviour of this format that may surprise."""
        return self.format.quirks

    @property
    def joint(self) -> str:
        """The text between prompt and completion where they are one text."""
        return "" if self.chat else self.format.assembly.joint

    def __call__(self, table: pa.Table) -> pa.Table:
        """Format a table of normalised rows; see :func:`~medqa_kit.evaluation.formats.harness`."""
        columns = (*self.format.columns, *self.keep)
        table = spread(self.format.context, table)
        need(table, columns, purpose=self.name, hint=_hint(self.format))
        per_row = "shots" in table.column_names and self.format.assembly.takes_shots
        if per_row and self.shots is not None:
            raise FormattingError(f"{self.name}: shots are given twice", column="shots",
                                  expected="a column of shots, or shots=", found="both",
                                  hint="drop one of them")  # fmt: skip
        named, _ = self._carried(table.column_names)
        wanted = [*dict.fromkeys((*columns, *named)), *(["shots"] if per_row else [])]
        growth = 1 + (self.shots.num_rows if self.shots is not None else 0)
        return by_slices(table.select(wanted), self._render, growth=growth)

    def _render(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        own = queries(self.format, batch)
        shown, owner = self._shown(batch)
        named, kept = self._carried(batch.schema.names)
        columns = identity_columns(batch, named) | {
            "prompt": self._messages(own, shown, owner) if self.chat == "multiturn"
            else self._plain(own, shown, owner),
            "target": self._target(own),
        }  # fmt: skip
        if own.choices is not None:
            before = self._delimiter
            values = concat([before, own.choices.flatten()], rows=len(own.choices.flatten()))
            columns["choices"] = pa.ListArray.from_arrays(own.choices.offsets, values)
        columns.update((name, batch.column(name)) for name in kept)
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

    def _carried(self, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return carried_columns(names, identity=self.identity, keep=self.keep)

    @property
    def _delimiter(self) -> str:
        how = self.format.assembly
        return how.chat_delimiter if self.chat else how.delimiter

    def _target(self, own: Queries) -> pa.Array:
        if self.target == "scored":
            return concat([self._delimiter, own.gold], rows=len(own.gold))
        before, _, after = self.format.trained.partition("{gold}")
        return concat([before, own.gold, after], rows=len(own.gold))

    def _shown(self, batch: pa.RecordBatch) -> tuple[Queries | None, np.ndarray]:
        """Return the shots of a batch, flat, and the row each belongs to (-1: all rows)."""
        if "shots" in batch.schema.names:
            lists = batch.column("shots")
            flat = contiguous(pa.Table.from_struct_array(lists.flatten()))
            owner = np.repeat(np.arange(batch.num_rows), list_lengths(lists))
        elif self.shots is not None and self.shots.num_rows:
            flat = contiguous(self.shots)
            own = pc.is_in(batch.column("id"), value_set=flat.column("id").drop_null())
            fail(batch, own, RowError, "the row stands among its own shots", column="id",
                 expected="shots from another split", found="the row itself",
                 hint="mk.few_shot gives each row shots that are not itself")  # fmt: skip
            owner = np.full(flat.num_rows, -1)
        else:
            return None, np.empty(0, np.int64)
        spread_out = spread(self.format.context, pa.Table.from_batches([flat]))
        need(spread_out, self.format.columns, purpose=f"a shot of {self.name}",
             hint=_hint(self.format))  # fmt: skip
        shown = queries(self.format, contiguous(spread_out))
        fail(flat, shown.gold.is_null(), NullValueError, "a shot has no answer to show",
             column="shots", expected="an answer in every shot", found="null",
             hint="leave rows without an answer out of the pool")  # fmt: skip
        return shown, owner

    def _plain(self, own: Queries, shown: Queries | None, owner: np.ndarray) -> pa.Array:
        how, rows = self.format.assembly, len(own.texts)
        if shown is None:
            texts = concat([how.head, own.texts], rows=rows)
        else:
            gold = do_steps(shown.gold, how.shot_steps)
            every = concat([shown.texts, how.cue, gold, how.gap], rows=len(shown.texts))
            if len(owner) and owner[0] < 0:
                before: str | pa.Array = how.shots_head + "".join(every.to_pylist())
            else:
                counts = np.bincount(owner, minlength=rows)
                joined = pc.binary_join(nested(every, counts), "")
                heads = pa.array(["", how.shots_head]).take(pa.array((counts > 0).astype(np.int8)))
                before = concat([heads, joined], rows=rows)
            texts = concat([how.head, before, own.texts], rows=rows)
        if self.chat is None:
            return texts
        return _as_messages(np.arange(rows + 1), np.zeros(rows, np.int64), texts)

    def _messages(self, own: Queries, shown: Queries | None, owner: np.ndarray) -> pa.Array:
        """Interleave shots and questions as turns.

        Shot ``s`` of row ``r`` has ``2 s + r`` messages before it: two for each shot, one for the
        question of each row.
        """
        how, rows = self.format.assembly, len(own.texts)
        if shown is None:
            heads = concat([how.chat_head, own.texts], rows=rows)
            return _as_messages(np.arange(rows + 1), np.zeros(rows, np.int64), heads)
        if len(owner) and owner[0] < 0:
            shot = np.tile(np.arange(len(owner)), rows)
            owner = np.repeat(np.arange(rows), len(owner))
        else:
            shot = np.arange(len(owner))
        users = shown.texts
        answers = concat([how.chat_delimiter, shown.gold], rows=len(users))
        if how.answer_in_user:
            users = concat([users, how.cue, shown.gold, how.gap], rows=len(users))
        step = 1 if how.answer_in_user else 2
        counts = np.bincount(owner, minlength=rows)
        starts = np.concatenate([[0], np.cumsum(counts)])
        total = step * len(shot) + rows
        source, role = np.empty(total, np.int64), np.zeros(total, np.int64)
        place = step * np.arange(len(shot)) + owner
        source[place] = shot
        if step == 2:
            source[place + 1] = len(users) + shot
            role[place + 1] = 1
        last = step * starts[1:] + np.arange(rows)
        source[last] = len(users) + len(answers) + np.arange(rows)
        contents = pa.concat_arrays([users, answers, own.texts]).take(pa.array(source))
        offsets = step * starts + np.arange(rows + 1)
        if how.chat_head:
            first = np.zeros(total, np.int64)
            first[offsets[:-1]] = 1
            heads = pa.array(["", how.chat_head]).take(pa.array(first))
            contents = concat([heads, contents], rows=total)
        return _as_messages(offsets, role, contents)

    def render_raw(
        self,
        row: Mapping[str, Any],
        *,
        shots: Sequence[Mapping[str, Any]] = (),
        chat: ChatMode | None = None,
    ) -> str | list[dict[str, str]]:
        """Render one row in upstream's own columns, exactly as the harness does.

        Args:
            row: A row as the harness's own data source gives it.
            shots: Rows of the same kind, in the order they appear in the prompt.
            chat: Plain text, one message a turn, or everything in one user message.

        Returns:
            The prompt: a text, or messages before any chat template.

        Raises:
            FormattingError: The row lacks a column, or the harness has no such mode or no shots.
            RowError: A null, or another number of options than the format has.
        """
        bare = replace(self, shots=None, chat=chat, keep=())
        if shots:
            bare = replace(bare, shots=read_rows(self.format, shots, prefix="shot:"))
        prompt = bare(read_rows(self.format, [row], prefix="raw:"))["prompt"][0].as_py()
        return prompt  # type: ignore[no-any-return]

    def target_raw(self, row: Mapping[str, Any], *, chat: ChatMode | None = None) -> str:
        """Return what the harness scores a raw row against (or the completion to train on).

        Raises:
            AnswerError: The label is none of the format's; upstream shifts or ignores it silently.
        """
        bare = replace(self, shots=None, chat=chat, keep=())
        gold = bare(read_rows(self.format, [row], prefix="raw:"))["target"][0].as_py()
        if gold is None:
            raise no_label(self.format, row)
        return str(gold)

    def choices_raw(
        self, row: Mapping[str, Any], *, chat: ChatMode | None = None
    ) -> list[str] | None:
        """Return the choices whose likelihoods are compared; null where text is generated."""
        bare = replace(self, shots=None, chat=chat, keep=())
        table = bare(read_rows(self.format, [row], prefix="raw:"))
        return list(table["choices"][0].as_py()) if "choices" in table.column_names else None

    def completion(self, index: int, options: Sequence[str] = ()) -> str:
        """Return the completion to train on for an answer: the form the harness's reader reads.

        Args:
            index: The right option, from 0.
            options: The texts of the options, for formats whose gold is the text.

        Raises:
            AnswerError: The index is outside the options.
        """
        format_ = self.format
        count = len(options) or len(format_.words) or format_.options or len(LETTERS)
        if not 0 <= index < count or (format_.gold == "option" and not options):
            raise AnswerError(f"{self.name}: the answer is not one of the options", rows=[0],
                              expected=f"0 to {count - 1}, and the options' texts",
                              found=str(index), hint="pass options=")  # fmt: skip
        if format_.words:
            table = pa.table({"id": ["x"], "question": [""], "answer": [format_.words[index]],
                              "contexts": [[""]], "labels": [[""]]})  # fmt: skip
        else:
            # No two placeholders are alike, since gold may be the first of equal options.
            texts = list(options) or [str(place) for place in range(count)]
            table = pa.table({"id": ["x"], "question": [""], "options": [texts],
                              "answer_index": [index]})  # fmt: skip
        return str(replace(self, shots=None, target="trained", keep=())(table)["target"][0].as_py())


def _as_messages(offsets: np.ndarray, roles: np.ndarray, contents: pa.Array) -> pa.ListArray:
    names = pa.array(["user", "assistant"]).take(pa.array(roles))
    turns = pa.StructArray.from_arrays([names, contents], ["role", "content"])
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), turns)


def _hint(format_: HarnessFormat) -> str:
    if format_.context:
        return LIST_HINT
    return "mk.load gives normalised rows; render_raw takes upstream's own columns"
