"""Sources of rows of one's own: of files that are to be read, or of rows that were."""

from __future__ import annotations

import pyarrow as pa

from medqa_kit.catalog import Claim, Layout, LocalFiles, Part, Source
from medqa_kit.core.arguments import nonempty_text
from medqa_kit.schemas import SCHEMAS, SchemaName


def source_of_layout(
    layout: Layout, *, name: str, split: str, language: str | None, claim: Claim
) -> Source:
    """Return the source of rows of one's own that lie in a layout.

    Args:
        layout: The layout.
        name: Of the source.
        split: Of all rows.
        language: Of the rows, if it is said.
        claim: What is known of the licence.
    """
    return Source(
        name=name, title=name, about="Rows of one's own.", layout=layout,
        language=() if language is None else (language,), parts=(Part(None, split, None),),
        license=(claim,), citation="@misc{own, note={rows of one's own}}",
    )  # fmt: skip


def read_source(
    path: str, *, schema: SchemaName, name: str, license: str, language: str | None = None
) -> Source:
    """Make the source of rows of one's own that were read already: its files may be gone, and are not looked at.

    Args:
        path: Where they were; the other arguments are as in :func:`~medqa_kit.loading.own_rows.own_source`.
        schema: Likewise.
        name: Likewise.
        license: Likewise.
        language: Likewise.

    Example:
        >>> read_source("data/ward.jsonl", schema="qa", name="ward", license="CC0-1.0").at.url
        'data/ward.jsonl'
    """
    layout = Layout(at=LocalFiles(path), files="*", raw=SCHEMAS[schema], schema=SCHEMAS[schema],
                    normalize=_as_they_are)  # fmt: skip
    claim = Claim(nonempty_text("license", license), "stated by whose rows they are")
    return source_of_layout(layout, name=name, split="train", language=language, claim=claim)


def _as_they_are(rows: pa.Table) -> pa.Table:
    return rows
