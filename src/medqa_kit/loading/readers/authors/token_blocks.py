r"""Tagged sentences as blocks of lines: a head, then a token a line, then a blank line.

The head is ``## key<TAB>sentence``, a token's line holds its fields with tabs between. Above the
first block stand comments; the last of them names the fields behind a colon::

    ## 컬럼명 : CHAR<TAB>NE_TAG
    ## demo-00000<TAB><서울:LC>은 넓다
    서<TAB>B-LC
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.columns import pick
from medqa_kit.errors import FormatError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.readers.aligned import aligned
from medqa_kit.loading.readers.read_task import RawBatch, ReadTask
from medqa_kit.loading.readers.text import utf8_blocks

_HEAD = "## "
_BROKEN = "mend the file, or pass on_bad='drop' to set such sentences aside"


def read_token_blocks(file: File, task: ReadTask) -> Iterator[RawBatch]:
    """Read one file, whole: the largest known has seven megabytes.

    Rows have the columns ``guid``, ``sentence`` and a list of texts for each field of a token.

    Raises:
        FormatError: The comments at its beginning are not there, or a sentence is malformed.
    """
    text = b"".join(utf8_blocks(file, task.layout.read.encoding)).decode().replace("\r\n", "\n")
    if not text:
        return
    lines = pc.split_pattern(pa.array([text], pa.large_string()), "\n").flatten()
    names = _fields(lines, task.layout.read.header_lines, file)
    lines = lines.slice(task.layout.read.header_lines)
    head = pc.starts_with(lines, _HEAD)
    token = pc.and_not(pc.not_equal(lines, ""), head)
    sentence = np.cumsum(head.to_numpy(zero_copy_only=False)) - 1  # of each line
    owner = sentence[token.to_numpy(zero_copy_only=False)]
    if owner.size and owner[0] < 0:
        raise FormatError("a token stands before the first sentence", file=file.name,
                          expected=f"a line that begins with {_HEAD!r}",
                          found=shorten([lines.filter(token)[0].as_py()]), hint=_BROKEN)  # fmt: skip
    heads = pc.split_pattern(
        pc.utf8_slice_codeunits(lines.filter(head), len(_HEAD)), "\t", max_splits=1
    )
    fields = pc.split_pattern(lines.filter(token), "\t")
    good = _well_formed(heads, fields, owner, len(names), (file, task))
    table = _table(heads, fields, owner, names, good)
    yield from aligned(table, file, 0, task, rows=np.flatnonzero(good).tolist())


def _fields(lines: pa.Array, count: int, file: File) -> list[str]:
    """Return the names of a token's fields, which the last comment at the beginning tells."""
    comments = lines.slice(0, count).to_pylist()
    if len(comments) < count or not all(line.startswith("##") for line in comments):
        raise FormatError(f"the file does not begin with {count} comments", file=file.name,
                          expected=f"{count} lines that begin with ##", found=shorten(comments),
                          hint="pass the file as upstream has it")  # fmt: skip
    return [name.strip() for name in comments[-1].partition(":")[2].split("\t")]


def _well_formed(
    heads: pa.Array, fields: pa.Array, owner: np.ndarray, width: int, at: tuple[File, ReadTask]
) -> np.ndarray:
    """Find the sentences all of whose lines have their fields; the others are refused."""
    good: np.ndarray = np.array(pc.equal(pc.list_value_length(heads), 2))
    fitting = pc.equal(pc.list_value_length(fields), width).to_numpy(zero_copy_only=False)
    good[owner[~fitting]] = False
    file, task = at
    for row in np.flatnonzero(~good).tolist():  # a loop over the few that are malformed
        lines = ["\t".join(heads[row].as_py()),
                 *("\t".join(line) for line in fields.filter(pa.array(owner == row)).to_pylist())]  # fmt: skip
        error = FormatError("a line of the sentence has other fields than declared",
                            expected=f"a key and a sentence, then {width} fields a token",
                            found=shorten(lines), hint=_BROKEN)  # fmt: skip
        task.refuse(error, file=file, row=row, content="\n".join(lines))
    return good


def _table(
    heads: pa.Array, fields: pa.Array, owner: np.ndarray, names: list[str], good: np.ndarray
) -> pa.Table:
    kept, heads = good[owner], heads.filter(pa.array(good))
    tokens = fields.filter(pa.array(kept)).flatten().cast(pa.string())
    counts = np.bincount(owner[kept], minlength=len(good))[good]
    offsets = pa.array(np.append(0, np.cumsum(counts)), pa.int32())
    places = np.arange(int(counts.sum())) * len(names)
    columns = {
        name: pa.ListArray.from_arrays(offsets, tokens.take(pa.array(places + at)))
        for at, name in enumerate(names)
    }
    first, second = (
        pick(heads, pa.repeat(pa.scalar(at), len(heads))).cast(pa.string()) for at in (0, 1)
    )
    return pa.table({"guid": first, "sentence": second, **columns})
