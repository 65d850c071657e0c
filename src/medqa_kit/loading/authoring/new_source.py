"""``new_source``: a package with a source, its sample, golden rows, a test and a page."""

from __future__ import annotations

import csv
import importlib.util
import json
import keyword
import os
import re
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from medqa_kit.catalog import Claim, Hub, Layout, Manual, Source, registry
from medqa_kit.core.arguments import file_path, nonempty_text, whole_number
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.json_text import json_value
from medqa_kit.core.showing.shown import Block, Shown
from medqa_kit.errors import (
    ArgumentError,
    EncodingError,
    LicenseWarning,
    RowCountWarning,
    StorageError,
    WrongFilesError,
)
from medqa_kit.loading.authoring.contract import check_source
from medqa_kit.loading.authoring.named_columns import NamedColumns
from medqa_kit.loading.authoring.package_texts import package_texts
from medqa_kit.loading.load import load
from medqa_kit.loading.own_rows import declared_source
from medqa_kit.normalizing.own_columns import AnswerBase
from medqa_kit.schemas import SchemaName

_ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")


@dataclass(frozen=True, repr=False)
class NewSource(Shown):
    """A package that was written; printing it says what is in it, and what is left to do.

    Attributes:
        folder: The package.
        files: Its files, below the folder.
        rows: How many rows of the sample load.

    Example:
        >>> NewSource(Path("ward_notes"), ("README.md",), rows=2).to_json()
        '{"folder": "ward_notes", "files": ["README.md"], "rows": 2}'
    """

    folder: Path
    files: tuple[str, ...]
    rows: int

    def _blocks(self) -> Iterator[Block]:
        yield f"{self.folder}: a source whose {self.rows} sample rows load and keep the contract"
        yield from (f"  {name}" for name in self.files)
        yield "What is left: say what it is, its licence with evidence and whom to cite, in __init__.py; then"
        yield f"  pip install -e {self.folder} && pytest {self.folder}"

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(
            {"folder": str(self.folder), "files": self.files, "rows": self.rows}, ensure_ascii=False
        )


def new_source(
    name: str,
    rows: str | os.PathLike[str],
    *,
    language: str,
    schema: SchemaName = "qa",
    columns: Mapping[str, str] | None = None,
    question: str | None = None,
    options: Sequence[str] | str | None = None,
    answer: str | None = None,
    base: AnswerBase | None = None,
    key: str | None = None,
    family: str | None = None,
    split: str = "train",
    license: str | None = None,
    repo: str | None = None,
    revision: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    most: int = 24,
) -> NewSource:
    r"""Write a package with a source of rows of one's own, which keeps the contract at once.

    It has the source (found by its entry point once it is installed), the first rows as its sample,
    what they become as golden rows, a test of both, and the beginning of a page. The arguments from
    ``schema`` to ``family`` are those of :func:`medqa_kit.read`.

    Args:
        name: What to call the source, and the package: small letters, digits and underscores.
        rows: A JSON Lines, JSON, CSV, TSV or Parquet file. Its first rows become the sample: pass
            invented ones where the package is to be public.
        language: BCP 47 tag of the rows.
        schema: What a row is to be.
        columns: Columns of the schema to columns of the rows.
        question: The column of the question.
        options: The columns of the options, or the one that holds them all.
        answer: The column that names the right option.
        base: How it names it; proved from the rows where it is left out.
        key: The column of ids; left out, ids are hashes.
        family: The column that names what rows belong together, such as those of one patient.
        split: Name of the split.
        license: SPDX identifier of what the rows are under; left out, nothing is granted.
        repo: The repository on the hub that has the file; left out, the file is passed as ``path=``.
        revision: Its commit, 40 hexadecimal digits; left out, it floats.
        folder: Where to write; a folder of the source's name here by default. It must not be there.
        most: How many rows the sample has at the most.

    Returns:
        What was written.

    Raises:
        ArgumentError: The name cannot be one or is taken, or an argument is wrong.
        WrongFilesError: There is no such file, or it is of a format that has no sample.
        EncodingError: It is not text in UTF-8.
        StorageError: The folder is there already, or cannot be written.
        MedQAError: The rows do not fit; see :func:`medqa_kit.read`.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "rows.csv").write_text("no,q,a,b,right\n1,Which is warm?,ice,fire,B\n", "utf-8")
        >>> source = new_source("ward_notes", folder / "rows.csv", language="en", question="q", options=["a", "b"],
        ...                   answer="right", key="no", folder=folder / "ward_notes")
        >>> source.rows, source.files[0]
        (1, 'README.md')
    """
    _refuse_name(name)
    nonempty_text("language", language)
    nonempty_text("split", split)
    named = NamedColumns(schema=schema, columns=columns, question=question, options=options, answer=answer,
                         base=base, key=key, family=family, language=language)  # fmt: skip
    most = whole_number("most", most, least=1)
    for argument, text in (("repo", repo), ("revision", revision)):
        if text is not None:
            nonempty_text(argument, text)
    file, target = file_path("rows", rows), file_path("folder", name if folder is None else folder)
    if target.exists():
        raise StorageError("the folder is there already", file=str(target), expected="no such folder",
                           hint="move it, or name another one with folder=")  # fmt: skip
    with typed_errors(target), tempfile.TemporaryDirectory(prefix="medqa_kit-new-") as scratch:
        try:
            sample = _sample(file, Path(scratch), most)
        except UnicodeDecodeError as error:
            raise EncodingError(
                "the rows are not utf-8", file=str(file), expected="text in utf-8, as the sample of a package is",
                found=f"bytes {bytes(error.object[error.start : error.start + 8]).hex(' ')}",
                hint="save a copy as UTF-8, and pass that",
            ) from None  # fmt: skip
        plain = declared_source(sample, named, name=name, claim=_claim(license), split=split)
        source = _placed(plain, file.name, repo, revision)
        golden = _checked(source, sample, Path(scratch))
        texts = package_texts(source, sample.name, golden)
        for path, text in texts.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_text(text, "utf-8")
        place = f"src/{name}/sample/{sample.name}"
        (target / place).parent.mkdir(parents=True)
        (target / place).write_bytes(sample.read_bytes())
    return NewSource(target, tuple(sorted([*texts, place])), len(golden))


def _refuse_name(name: str) -> None:
    if (
        not isinstance(name, str)
        or not re.fullmatch(r"[a-z][a-z0-9_]*", name)
        or keyword.iskeyword(name)
    ):
        raise ArgumentError("this cannot name a source", argument="name", found=repr(name),
                            expected="small letters, digits and underscores, a letter first",
                            hint="a name such as ward_notes")  # fmt: skip
    if name in [source.name for source in registry.sources()]:
        raise ArgumentError("the catalogue has a source of this name", argument="name", found=repr(name),
                            expected="another name", hint=f"mk.load({name!r}) loads that one")  # fmt: skip
    if importlib.util.find_spec(name) is not None:
        raise ArgumentError("Python has a module of this name", argument="name", found=repr(name),
                            expected="another name", hint=f"a name such as {name}_rows")  # fmt: skip


def _claim(license: str | None) -> Claim:
    if license is None:
        return Claim(None, "not stated yet: say where you looked")
    return Claim(
        nonempty_text("license", license), "stated by who wrote this source: say where it is read"
    )


def _placed(source: Source, name: str, repo: str | None, revision: str | None) -> Source:
    """Return the source with the place where others get its file."""
    at = Hub(repo, revision=revision) if repo is not None else Manual(
        steps=(f"Ask whose rows they are for {name}.",), expect=f"{name}, or a folder with it"
    )  # fmt: skip
    if repo is None and revision is not None:
        raise ArgumentError("a revision is one of a repository", argument="revision", expected="repo= beside it",
                            found=repr(revision), hint="repo='owner/name'")  # fmt: skip
    assert isinstance(source.layout, Layout)
    layout = replace(source.layout, at=at, files=name)
    title = source.name.replace("_", " ").capitalize()
    return replace(source, layout=layout, title=title, about=f"{title}: say in a sentence what it is.",
                   citation=f"@misc{{{source.name},\n  title = {{{title}}},\n}}")  # fmt: skip


def _checked(source: Source, sample: Path, scratch: Path) -> list[dict[str, Any]]:
    """Return the rows of the sample, when it keeps the contract."""
    cache = scratch / "cache"
    report = check_source(source, path=sample, cache_dir=cache)
    if len(report.findings):
        raise ArgumentError("the rows do not keep the contract of a source", argument="rows", found=str(report),
                            expected="no finding", hint="name the columns that make a row, or key= where rows repeat")  # fmt: skip
    with warnings.catch_warnings():
        for about in (LicenseWarning, RowCountWarning):
            warnings.simplefilter("ignore", category=about)
        rows = load(source, split=source.parts[0].split, path=sample, cache_dir=cache)
        return list(rows)


def _sample(file: Path, folder: Path, most: int) -> Path:
    """Write the first rows of a file in the format and under the name it has."""
    if not file.is_file() or file.suffix.lower() not in _ENDINGS:
        raise WrongFilesError(
            "a sample cannot be taken of this" if file.exists() else "there is no such file",
            file=str(file), expected=", ".join(_ENDINGS), found=file.suffix or "no ending",
            hint="write the rows in one of these formats" if file.exists() else "check the path",
        )  # fmt: skip
    sample, ending = folder / file.name, file.suffix.lower()
    if ending == ".parquet":
        pq.write_table(pq.read_table(file).slice(0, most), sample)
    elif ending in (".csv", ".tsv"):
        mark = "\t" if ending == ".tsv" else ","
        with (
            file.open(encoding="utf-8-sig", newline="") as theirs,
            sample.open("w", encoding="utf-8", newline="") as ours,
        ):
            records = filter(None, csv.reader(theirs, delimiter=mark))
            csv.writer(ours, delimiter=mark, lineterminator="\n").writerows(
                islice(records, most + 1)
            )
    else:
        text = file.read_text("utf-8-sig")
        if text.lstrip().startswith("["):
            sample.write_text(
                json.dumps(json_value(text)[:most], ensure_ascii=False, indent=1), "utf-8"
            )
        else:
            lines = islice((line for line in text.split("\n") if line.strip()), most)
            sample.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return sample
