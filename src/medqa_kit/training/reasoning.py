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

A row without reasoning is its answer alone in every style: no empty block is trained.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.messages import MESSAGE, REASONED, constant, where
from medqa_kit.core.ragged import flat, nested

Style = Literal["field", "think", "tag", "headings", "before", "after", "none"]

_AROUND: dict[str, tuple[str, str]] = {
    "think": ("<think>\n", "\n</think>\n\n"),
    "tag": ("<reasoning>\n", "\n</reasoning>\n\n"),
    "headings": ("## Thinking\n\n", "\n\n## Final Response\n\n"),
}


def render(
    completion: pa.ListArray, *, style: Style, heading: pa.Array | None = None
) -> pa.ListArray:
    r"""Render the reasoning of assistant messages in a named style.

    Args:
        completion: ``list<struct<role, content[, reasoning_content]>>[n]``.
        style: See the table at the top of this module.
        heading: ``string[n]``, the words before the reasoning in the styles ``before`` and
            ``after``; none when left out.

    Returns:
        The same messages. ``reasoning_content`` stays a field of theirs in the style ``field``.

    Example:
        >>> from medqa_kit.core.messages import reply
        >>> said = reply(pa.array(["A"]), pa.array(["because"]))
        >>> render(said, style="think").to_pylist()
        [[{'role': 'assistant', 'content': '<think>\nbecause\n</think>\n\nA'}]]
    """
    parts = flat(completion)
    role, content = (pc.struct_field(parts.values, name) for name in MESSAGE.names)
    apart = any(field.name == "reasoning_content" for field in parts.values.type)
    reasoning = (
        pc.struct_field(parts.values, "reasoning_content")
        if apart
        else constant(None, len(content))
    )
    columns, fields = [role, content], list(MESSAGE)
    if style == "field" and apart:
        columns, fields = [*columns, reasoning], list(REASONED)
    elif style not in ("none", "field"):
        words = (
            constant("", len(content)) if heading is None else heading.take(pa.array(parts.parents))
        )
        columns = [role, _inline(content, reasoning, style, words)]
    return nested(pa.StructArray.from_arrays(columns, fields=fields), parts.ends - parts.starts)


def _inline(content: pa.Array, reasoning: pa.Array, style: Style, words: pa.Array) -> pa.Array:
    if style in _AROUND:
        start, end = _AROUND[style]
        both = pc.binary_join_element_wise(start, reasoning, end, content, "")
    elif style == "before":
        both = pc.binary_join_element_wise(words, reasoning, "\n\n", content, "")
    else:
        both = pc.binary_join_element_wise(content, "\n\n", words, reasoning, "")
    return where(np.asarray(reasoning.is_valid()), both, content)
