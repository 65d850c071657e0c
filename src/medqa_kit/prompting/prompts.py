"""Prompts of our own wording, from any schema: a language pack, a style, markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import boolean, nonempty_text, one_of, several_texts, whole_number
from medqa_kit.core.arrow.columns import blank, contiguous, list_lengths
from medqa_kit.core.arrow.hashing import row_hashes
from medqa_kit.core.arrow.ragged import nested
from medqa_kit.core.arrow.slices import by_slices, fail, need
from medqa_kit.core.kernel import carried_columns, identity_columns
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import NullValueError
from medqa_kit.prompting.languages import Language, LanguageCode, get_language
from medqa_kit.prompting.options import MarkerName, Markers, get_markers, label_lists, options_of
from medqa_kit.prompting.template import Filling, Template, concat
from medqa_kit.prompting.template_values import (
    Words,
    columns_read,
    gap_values,
    known_gaps,
)
from medqa_kit.prompting.wording import PromptStyle

_GAP = "\n\n"  # between the instruction, the shots and the row's own question


@dataclass(frozen=True, eq=False, repr=False)
class Prompt(Shown):
    """The kernel :func:`prompt` makes: a table in, ``id``, ``prompt`` and ``target`` out.

    Example:
        >>> prompt(language="en").body.text.partition(":")[0]
        '{context'
    """

    body: Template
    answer: Template
    joint: str
    instructions: tuple[Template, ...]
    words: Words
    system: str | None
    choices: bool
    keep: tuple[str, ...]
    identity: bool
    optional: tuple[str, ...] = ()

    def _blocks(self) -> Iterator[Block]:
        yield "prompt, as a template of columns"
        system = [("system", repr(self.system))] if self.system is not None else []
        told = [("instruction", repr(each.text)) for each in self.instructions if each.text]
        yield [("what", "text"), *system, *told, ("body", repr(self.body.text)),
               ("target", repr(self.answer.text))]  # fmt: skip

    def __call__(self, table: pa.Table) -> pa.Table:
        """Format a table of normalised rows; see :func:`prompt`."""
        names = self._names()
        table = self._completed(table)
        need(table, ("id", *self.keep), purpose="a prompt", hint="mk.load gives normalised rows")
        known = known_gaps(table.column_names)
        for template in (self.body, self.answer, *self.instructions):
            template.check(known)
        named, kept = self._carried(table.column_names)
        reads = {"id", *named, *kept, *columns_read(names, table.column_names)}
        if self.choices:
            need(table, ("options",), purpose="choices=True", hint="choices are for questions "
                 "with options")  # fmt: skip
            reads.add("options")
        if "shots" in table.column_names:
            reads.add("shots")
        used = table.select([n for n in table.column_names if n in reads])
        return by_slices(used, self._render)

    def _completed(self, table: pa.Table) -> pa.Table:
        """Return a table with the columns that may be absent: a null is left out of the prompt."""
        for name in self.optional:
            if name not in table.column_names:
                table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
        return table

    def _carried(self, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return carried_columns(names, identity=self.identity, keep=self.keep)

    def _names(self) -> tuple[str, ...]:
        templates = (self.body, self.answer, *self.instructions)
        return tuple(dict.fromkeys(name for t in templates for name in t.names))

    def _render(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = batch.num_rows
        values = gap_values(self._names(), batch, self.words)
        fixed = len(self.instructions) == 1 and "shots" not in batch.schema.names
        if fixed:
            whole = Template(self.instructions[0].text + self.body.text)
            prompts = whole.join(values, rows=rows)
        else:
            body = self.body.join(values, rows=rows)
            prompts = concat([self._instruct(batch, values), self._shots(batch), body], rows=rows)
        self._explained(batch, values)
        named, kept = self._carried(batch.schema.names)
        columns = identity_columns(batch, named)
        if self.system is not None:
            columns["system"] = pa.repeat(pa.scalar(self.system, pa.string()), rows)
        columns["prompt"] = prompts
        columns["target"] = self.answer.join(values, rows=rows, null="null")
        if self.choices:
            lengths = list_lengths(options_of(batch))
            columns["choices"] = label_lists(lengths, self.words.markers.labels)
        columns.update((name, batch.column(name)) for name in kept)
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

    def _explained(self, batch: pa.RecordBatch, values: Mapping[str, Filling]) -> None:
        """Raise for answered rows without a rationale, where the target gives one."""
        why = values.get("rationale")
        if "rationale" not in self.answer.names or not isinstance(why, pa.Array):
            return
        lacking = blank(why)
        for name in ("answer_line", "marker", "answer"):
            value = values.get(name)
            if isinstance(value, pa.Array):
                lacking = pc.and_(lacking, value.is_valid())
        fail(batch, lacking, NullValueError, "the style gives a rationale, the row has none",
             column="rationale", expected="text in every answered row", found="null, or blanks alone",
             hint="leave such rows out, or take a style without rationale")  # fmt: skip

    def _instruct(self, batch: pa.RecordBatch, values: Mapping[str, Filling]) -> str | pa.Array:
        rows = batch.num_rows
        texts = [t.join(values, rows=rows) for t in self.instructions]
        if len(texts) == 1:
            return texts[0]
        ways = row_hashes(batch, salt="medqa_kit/prompt") % np.uint64(len(texts))
        return pc.choose(pa.array(ways.astype(np.int64)), *texts)

    def _shots(self, batch: pa.RecordBatch) -> str | pa.Array:
        if "shots" not in batch.schema.names:
            return ""
        lists = batch.column("shots")
        flat = contiguous(self._completed(pa.Table.from_struct_array(lists.flatten())))
        values = gap_values(
            tuple(dict.fromkeys((*self.body.names, *self.answer.names))), flat, self.words
        )
        body = self.body.join(values, rows=flat.num_rows)
        target = self.answer.join(values, rows=flat.num_rows, null="null")
        fail(flat, target.is_null(), NullValueError, "a shot has no answer to show",
             column="shots", expected="an answer in every shot", found="null",
             hint="leave rows without an answer out of the pool")  # fmt: skip
        texts = concat([body, self.joint, target, _GAP], rows=flat.num_rows)
        return pc.binary_join(nested(texts, list_lengths(lists)), "")


def prompt(
    *,
    language: LanguageCode | Language,
    style: PromptStyle = "choice",
    markers: MarkerName | Markers | None = None,
    template: Template | str | None = None,
    target: Template | str | None = None,
    variant: int | Literal["by-id"] = 0,
    labels: Sequence[str] = (),
    system: str | None = None,
    choices: bool = False,
    keep: Sequence[str] = (),
    identity: bool = True,
) -> Prompt:
    r"""Return the kernel that turns normalised rows into prompts and targets.

    No text of the data is changed: a question with braces, Jinja marks, blanks at its ends,
    U+200B or a NUL goes into the prompt as it is. A row whose answer is withheld gets a null
    target. A column ``shots`` (see :func:`~medqa_kit.prompting.fewshot.few_shot`) is written
    before the question in the same wording.

    Args:
        language: ``"ko"``, ``"km"``, ``"en"``, or a pack of your own.
        style: What is asked; see :data:`~medqa_kit.prompting.wording.PromptStyle`.
        markers: Option markers: ``"A"`` (26), ``"1"`` (99), ``"①"`` (35), ``"ㄱ"`` (14), ``"ក"``
            (33), or :class:`~medqa_kit.prompting.options.Markers`; the pack's own by default.
        template: The prompt's template instead of the pack's, without the instruction.
        target: The target's template instead of the pack's.
        variant: Which of the style's instructions; ``"by-id"`` gives each row one by its id.
        labels: The classes or kinds of entities to name in the instruction.
        system: A system text, repeated in a column ``system``.
        choices: Add a column ``choices``: the markers of each row's options.
        keep: Further columns to carry along, such as ``("year", "split")``.
        identity: Carry ``id``, ``source``, ``family`` and ``language`` along, as far as the rows
            have them.

    Returns:
        A kernel. Its columns are ``id``, ``source``, ``family``, ``language``, ``system`` (if
        asked), ``prompt``, ``target``, ``choices`` (if asked) and those of ``keep``. Between prompt and target, where the two are one text,
        belongs the kernel's ``joint``.

    Raises:
        ArgumentError: No such language, style, markers or variant; a text is no template.
        FormattingError: When called: a column is missing, or the template names an unknown one.
        RowError: When called: a row has no options, a null or too many of them, an answer outside
            them, or no rationale where the style wants one.

    Example:
        >>> rows = pa.table({"id": ["demo/1"], "question": ["괴혈병을 예방하는 비타민은?"],
        ...                  "context": pa.nulls(1, pa.string()),
        ...                  "options": [["비타민 A", "비타민 C"]], "answer_index": [1]})
        >>> row = prompt(language="ko")(rows).to_pylist()[0]
        >>> print(row["prompt"], row["target"])
        질문: 괴혈병을 예방하는 비타민은?
        선택지:
        A. 비타민 A
        B. 비타민 C
        정답: B
    """
    pack = get_language(language)
    wording = pack.wording(style)
    ways = wording.instructions if template is None else ("",)
    return Prompt(
        body=_template(template if template is not None else wording.prompt),
        answer=_template(target if target is not None else wording.target),
        joint=wording.joint,
        instructions=tuple(Template(way + _GAP if way else "") for way in _chosen(variant, ways)),
        words=Words(
            get_markers(pack.markers if markers is None else markers),
            pack.names,
            pack.roles,
            several_texts("labels", labels),
        ),
        system=None if system is None else nonempty_text("system", system),
        choices=boolean("choices", choices),
        keep=several_texts("keep", keep),
        identity=boolean("identity", identity),
        optional=("context",) if template is None and "{context:" in wording.prompt else (),
    )


def _chosen(variant: int | str, ways: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one instruction that is meant, or all of them where the id decides."""
    hint = f"the style has {len(ways)}, counted from 0; Language.reworded adds instructions"
    if isinstance(variant, int | np.integer):
        return (ways[whole_number("variant", variant, least=0, most=len(ways) - 1, hint=hint)],)
    one_of("variant", variant, ("by-id",), hint=hint)
    return ways


def _template(template: Template | str) -> Template:
    return template if isinstance(template, Template) else Template(template)
