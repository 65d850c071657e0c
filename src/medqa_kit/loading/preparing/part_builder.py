"""The builder of a part, made where one is needed.

What reads no part, such as holding rows out of a table, needs no ``datasets``: to import it takes half a
second, and this library's rooms import the one that loads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medqa_kit.loading.plan import Plan

if TYPE_CHECKING:
    from medqa_kit.loading.preparing.builder import PartBuilder


def part_builder(
    plan: Plan, *, cache_dir: str | None = None, digest_again: bool = False, streaming: bool = False
) -> PartBuilder:
    """Make the builder of a part.

    Args:
        plan: What to read and what to make of it.
        cache_dir: Root of the ``datasets`` cache; ``None`` is the usual one.
        digest_again: Whether to check the digests of prepared rows even where this process has.
        streaming: Whether the rows are only streamed.
    """
    from medqa_kit.loading.preparing.builder import PartBuilder  # late: see above

    return PartBuilder(plan, cache_dir=cache_dir, digest_again=digest_again, streaming=streaming)
