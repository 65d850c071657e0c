"""Read the claims of a dataset card that a program can read: front matter, tables, a few phrases."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from huggingface_hub.repocard import metadata_load

from medqa_kit.auditing.card_sentences import sentence_claims
from medqa_kit.auditing.claims import CardClaim
from medqa_kit.auditing.verdicts import placeholders
from medqa_kit.catalog.licenses import Claim
from medqa_kit.core.arrow.text_columns import NO_TEXTS
from medqa_kit.errors import ArgumentError, FormatError

_SIZES = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000, "T": 1_000_000_000_000}
_SIZE = re.compile(r"(?:(\d+)([KMBT]?)<)?n<(\d+)([KMBT]?)")
_MORE = re.compile(r"n>(\d+)([KMBT])")
_CELL = re.compile(r"[`*_\s]")
# A cell that is a count, and a percentage that stands alone or in brackets behind one.
_COUNT = re.compile(
    r"(?i)(\d[\d,_]*)\s*(?:rows?|records?|examples?|entries|items|건|개|행|문항|ជួរ)?(?:\s*/\s*\d[\d,_]*)?(?:\s*\(?\s*\d[\d.]*\s*%\s*\)?)?"
)
_PERCENT = re.compile(r"(?:.*[\s(])?(\d+(?:\.\d+)?)\s*%\s*\)?")
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*")
# Heads of cells that hold something else than how many rows there are, or are filled.
_OTHER_COUNT = re.compile(
    r"(?i)missing|\bnulls?\b|empty|blank|unique|distinct|average|\bavg|mean|median|length|\bmin|\bmax|tokens?|words|characters|description|year|version|\bno\b|^#$"
    r"|결측|누락|빈|고유|평균|길이|최대|최소|토큰|글자|설명|연도|버전|ខ្វះ|បាត់|ទទេ|ប្រវែង|មធ្យម"
)


def card_claims(
    card: Path, *, columns: Collection[str], values: Mapping[str, Collection[str]]
) -> list[CardClaim]:
    """Read what a card claims of its data.

    Read are the licence, language, size and row counts of the front matter; table rows that begin with the
    name of a column or with a value of ``source``; placeholders where names belong; and what
    :func:`~medqa_kit.auditing.card_sentences.sentence_claims` understands.

    Args:
        card: A README.md with YAML front matter, or without.
        columns: The columns of the data that hold texts.
        values: Values of some columns, to know table rows by.

    Raises:
        FormatError: The file is no UTF-8, or its front matter no YAML.
    """
    head = front_matter(card)
    text = card.read_text("utf-8")
    body = re.sub(r"(?s)\A---.*?\n---", "", text)
    texts = [name for name in columns if name not in NO_TEXTS]
    tabled = [*_of_tables(body, columns, values)]
    return [
        *_of_front_matter(head, texts),
        *tabled,
        *(claim for claim in sentence_claims(body, texts) if claim not in tabled),
        *(CardClaim(measure="citation", claimed=words) for words in placeholders(body)),
    ]


def front_matter(card: Path) -> dict[str, Any]:
    """Return the YAML at the head of a card, empty where it has none.

    Raises:
        FormatError: The file is no UTF-8, or its front matter no YAML.
    """
    try:
        return dict(metadata_load(card) or {})
    except Exception as error:  # of YAML, which huggingface_hub passes on as it comes
        raise FormatError("the card cannot be read", file=str(card), found=str(error),
                          expected="UTF-8 with YAML front matter between lines of ---",
                          hint="check the lines between the first two ---") from error  # fmt: skip


def _of_front_matter(head: Mapping[str, Any], columns: Collection[str]) -> Iterator[CardClaim]:
    for name in _listed(head.get("license")):
        try:
            Claim(name, "card")
        except ArgumentError:  # "other", "unknown": no licence that can be compared
            continue
        yield CardClaim(measure="license", claimed=name)
    if len(languages := _listed(head.get("language"))) == 1 and columns:
        yield CardClaim(measure="language", claimed=languages[0], columns=tuple(columns))
    for size in _listed(head.get("size_categories")):
        if match := _SIZE.fullmatch(size.replace(" ", "")):
            least = _sized(match[1], match[2]) if match[1] else 0
            yield CardClaim(measure="rows_between", claimed=(least, _sized(match[3], match[4])))
        elif match := _MORE.fullmatch(size.replace(" ", "")):
            yield CardClaim(
                measure="rows_between", claimed=(_sized(match[1], match[2]), float("inf"))
            )
    infos = head.get("dataset_info") or []
    infos = [infos] if isinstance(infos, dict) else infos
    for info in infos:
        for split in info.get("splits") or []:
            where = {"split": str(split.get("name"))}
            if len(infos) > 1:
                where["subset"] = str(info.get("config_name"))
            if isinstance(rows := split.get("num_examples"), int):
                yield CardClaim(measure="rows", claimed=rows, where=where)


def _table_rows(body: str) -> Iterator[tuple[str, list[str]]]:
    """Return the first cell of each row of tables, and the others but for those that count something else."""
    heads, before = list[str](), list[str]()
    for line in body.splitlines():
        if not line.strip().startswith("|"):
            heads = before = []
        elif _RULE.fullmatch(line.strip()):
            heads = before
        else:
            before = [cell.strip(" *_`") for cell in line.strip().strip("|").split("|")]
            others = zip_longest(before[1:], heads[1:], fillvalue="")
            yield before[0], [cell for cell, head in others if not _OTHER_COUNT.search(head)]


def _of_tables(
    body: str, columns: Collection[str], values: Mapping[str, Collection[str]]
) -> Iterator[CardClaim]:
    """Read table rows that name a column or a value; and whether counts by value add up to a total."""
    counted: dict[str, list[int]] = {}
    totals: list[int] = []
    for first, cells in _table_rows(body):
        name = _CELL.sub("", first)
        count = next(
            (int(re.sub("[,_]", "", n[1])) for n in map(_COUNT.fullmatch, cells) if n), None
        )
        percent = next(filter(None, map(_PERCENT.fullmatch, cells)), None)
        plain = {_CELL.sub("", column): column for column in columns}
        if name in plain:
            about = (plain[name],)
            if count is not None:
                yield CardClaim(measure="filled", claimed=count, columns=about)
            if percent:
                share, digits = float(percent[1]) / 100, len(percent[1].partition(".")[2])
                off = 0.0 if share == 1 else 0.5 * 10.0 ** -(digits + 2)
                yield CardClaim(measure="filled_share", claimed=share, columns=about, within=off)
        elif count is not None and name.lower() in ("total", "sum", "합계", "all"):
            totals.append(count)
        for column, known in values.items():
            named = next((value for value in known if _CELL.sub("", value) == name), None)
            if named is not None and count is not None:
                counted.setdefault(column, []).append(count)
                yield CardClaim(measure="rows", claimed=count, where={column: named})
    for total in totals:
        yield CardClaim(measure="rows", claimed=total)
        for terms in counted.values():
            yield CardClaim(measure="sum", claimed=total, terms=tuple(terms))


def _listed(value: Any) -> list[str]:
    return (
        []
        if value is None
        else [str(each) for each in (value if isinstance(value, list) else [value])]
    )


def _sized(figure: str, unit: str) -> int:
    return int(figure) * _SIZES.get(unit, 1)
