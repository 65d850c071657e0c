r"""Reasoning, kept apart from the answer until a record is rendered in a named style.

===========  ==========================================  ==========================================
style        what the assistant says                      for
===========  ==========================================  ==========================================
field        ``answer``; reasoning in                     TRL, axolotl; templates that know
             ``reasoning_content``                        ``reasoning_content`` (others lose it!)
think        ``<think>\nR\n</think>\n\nanswer``           LLaMA-Factory, ms-swift, R1 kin
tag          ``<reasoning>\nR\n</reasoning>\n\nanswer``   prompts that ask for the tag
headings     ``## Thinking\n\nR\n\n## Final               HuatuoGPT-o1 and its data
             Response\n\nanswer``
before       ``해설: R\n\nanswer``                         plain text, the summary first
after        ``answer\n\n해설: R``                         plain text, answer then explanation
none         ``answer``                                   answers only
===========  ==========================================  ==========================================

A row whose reasoning is null or blank is its answer alone in every style: no empty block is trained.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arguments import one_of
from medqa_kit.core.arrow.columns import blank_to_null
from medqa_kit.core.arrow.messages import MESSAGE, REASONED, constant, where
from medqa_kit.core.arrow.ragged import flat, nested
from medqa_kit.errors import ArgumentError

ReasoningStyle: TypeAlias = Literal["field", "think", "tag", "headings", "before", "after", "none"]

_AROUND: dict[str, tuple[str, str]] = {
    "think": ("<think>\n", "\n</think>\n\n"),
    "tag": ("<reasoning>\n", "\n</reasoning>\n\n"),
    "headings": ("## Thinking\n\n", "\n\n## Final Response\n\n"),
}


def checked_style(style: ReasoningStyle, *, apart: bool, hint: str) -> ReasoningStyle:
    """Return a style, if there is such a one and the reader does not lose it.

    Args:
        style: The style.
        apart: Whether the reader knows ``reasoning_content``.
        hint: What to do where it does not.

    Raises:
        ArgumentError: It is none, or ``"field"`` for a reader that drops the field.
    """
    one_of("reasoning", style, get_args(ReasoningStyle))
    if style == "field" and not apart:
        raise ArgumentError(
            "nothing reads `reasoning_content` here", argument="reasoning",
            expected=", ".join(name for name in get_args(ReasoningStyle) if name != "field"),
            found="reasoning='field'", hint=hint,
        )  # fmt: skip
    return style


def render_reasoning(
    completion: pa.ListArray, *, style: ReasoningStyle, heading: pa.Array | None = None
) -> pa.ListArray:
    r"""Render the reasoning of assistant messages in a named style.

    Args:
        completion: ``list<struct<role, content[, reasoning_content]>>[n]``.
        style: See the table at the top of this module.
        heading: ``string[n]``, the words before the reasoning in the styles ``before`` and
            ``after``; none when left out.

    Returns:
        The same messages. In the style ``field`` all have ``reasoning_content``, null where there
        is none, so that the type is the same whatever the rows.

    Example:
        >>> from medqa_kit.core.arrow.messages import reply
        >>> said = reply(pa.array(["A"]), pa.array(["because"]))
        >>> render_reasoning(said, style="think").to_pylist()
        [[{'role': 'assistant', 'content': '<think>\nbecause\n</think>\n\nA'}]]
    """
    parts = flat(completion)
    role, content = (pc.struct_field(parts.values, name) for name in MESSAGE.names)
    apart = any(field.name == "reasoning_content" for field in parts.values.type)
    reasoning = (
        blank_to_null(pc.struct_field(parts.values, "reasoning_content"))
        if apart
        else constant(None, len(content))
    )
    columns, fields = [role, content], list(MESSAGE)
    if style == "field":
        columns, fields = [*columns, reasoning], list(REASONED)
    elif style != "none":
        words = (
            constant("", len(content)) if heading is None else heading.take(pa.array(parts.parents))
        )
        columns = [role, _inline(content, reasoning, style, words)]
    for field in parts.values.type:
        if field.name not in REASONED.names:
            columns, fields = (
                [*columns, pc.struct_field(parts.values, field.name)],
                [*fields, field],
            )
    return nested(pa.StructArray.from_arrays(columns, fields=fields), parts.ends - parts.starts)


def _inline(
    content: pa.Array, reasoning: pa.Array, style: ReasoningStyle, words: pa.Array
) -> pa.Array:
    if style in _AROUND:
        start, end = _AROUND[style]
        both = pc.binary_join_element_wise(start, reasoning, end, content, "")
    elif style == "before":
        both = pc.binary_join_element_wise(words, reasoning, "\n\n", content, "")
    else:
        both = pc.binary_join_element_wise(content, "\n\n", words, reasoning, "")
    return where(np.asarray(reasoning.is_valid()), both, content)
