"""``README.md``: front matter the Hub reads, and what a person should know first.

``load_dataset`` reads it too: which config is the default, where its splits lie, and how many rows
each has. A folder whose files hold another number is refused there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from medqa_kit.building.output.format_files import SPLITS
from medqa_kit.building.output.formats import DROPPED_FOLDER, LISTINGS
from medqa_kit.building.output.papers.attribution import Manifest, label_of, written_claims
from medqa_kit.building.output.papers.escaping import fenced, markdown_text
from medqa_kit.building.output.unit_writer import NO_LANGUAGE
from medqa_kit.building.output.written_rows import WrittenRows, listed_paths
from medqa_kit.catalog.licenses import conflicting
from medqa_kit.errors import AccountError, printable

_OF_HUB = re.compile("[a-z]{2,3}")  # the Hub lists no longer names, and none of one's own
_HUB = "https://huggingface.co/datasets/"
_STEPS = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B",
          "1B<n<10B", "10B<n<100B", "100B<n<1T", "n>1T")  # fmt: skip
_TASKS = {"preference": ("text-generation",), "unpaired": ("text-generation",),
          "text": ("text-generation",)}  # fmt: skip
_ASKING = ("question-answering", "text-generation")


def dataset_card(folder: Path, manifest: Manifest) -> str:
    """Write ``README.md``.

    Args:
        folder: Folder of the result, with its files of rows.
        manifest: Its manifest, with ``files``.

    Raises:
        AccountError: The front matter holds a value that the Hub would refuse, a defect of ours.
    """
    from huggingface_hub import DatasetCardData

    facts = card_facts(folder, manifest)
    refuse_wrong_card(facts)
    return f"---\n{DatasetCardData(**facts).to_yaml()}\n---\n\n{_body(manifest)}"


def card_facts(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """Return the front matter of the card as data."""
    from datasets.info import DatasetInfo, DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    configs = {config.name: config for config in _configs(folder, manifest)}
    card = DatasetCardData(**_lists(manifest))
    MetadataConfigs(
        {name: config.places() for name, config in configs.items()}
    ).to_dataset_card_data(card)
    infos: dict[str, DatasetInfo] = {name: config.info() for name, config in configs.items()}
    DatasetInfosDict(infos).to_dataset_card_data(card)
    facts = {name: value for name, value in vars(card).items() if value is not None}
    dataset_info = facts["dataset_info"]  # of one config it comes without a list
    return facts | {
        "dataset_info": dataset_info if isinstance(dataset_info, list) else [dataset_info]
    }


def refuse_wrong_card(facts: Mapping[str, Any]) -> None:
    """Hold the front matter of a card against the lists of the Hub.

    Raises:
        AccountError: A value stands in none of them.
    """
    from jsonschema import Draft202012Validator

    text = resources.files(__package__).joinpath("card.schema.json").read_text("utf-8")
    plain = json.loads(json.dumps(facts))
    problems = [f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
                for error in Draft202012Validator(json.loads(text)).iter_errors(plain)]  # fmt: skip
    if problems:
        raise AccountError("the card would be refused", found="; ".join(sorted(problems))[:500],
                           expected="values of the Hub's lists",
                           hint="this is a defect of medqa_kit, please report it")  # fmt: skip


class _Config:
    """One config of the card: a folder of rows as Parquet.

    Args:
        name: Its name.
        example: One of its files, which says the types.
        default: Whether it is what is loaded without a name.
    """

    def __init__(self, name: str, example: Path, *, default: bool = False) -> None:
        self.name, self._default = name, default
        self._schema = pq.read_schema(example)
        self._splits: dict[str, tuple[str, int, int, int]] = {}

    def add(self, split: str, place: str, rows: int, files: list[Path]) -> None:
        """Add a split: its folder, its rows, and its files."""
        footers = [pq.read_metadata(path) for path in files]
        size = sum(footer.row_group(group).total_byte_size
                   for footer in footers for group in range(footer.num_row_groups))  # fmt: skip
        stored = sum(path.stat().st_size for path in files)
        self._splits[split] = (f"{place}/part-*.parquet", rows, size, stored)

    def places(self) -> dict[str, Any]:
        files = [{"split": split, "path": facts[0]} for split, facts in self._splits.items()]
        return {"data_files": files} | ({"default": True} if self._default else {})

    def info(self) -> Any:
        from datasets import Features
        from datasets.info import DatasetInfo
        from datasets.splits import SplitDict, SplitInfo

        splits = SplitDict({
            name: SplitInfo(name, num_bytes=size, num_examples=rows)
            for name, (_, rows, size, _) in self._splits.items()
        })  # fmt: skip
        return DatasetInfo(
            features=Features.from_arrow_schema(self._schema), splits=splits, config_name=self.name,
            download_size=sum(facts[3] for facts in self._splits.values()),
            dataset_size=sum(facts[2] for facts in self._splits.values()),
        )  # fmt: skip


def _configs(folder: Path, manifest: Manifest) -> Iterator[_Config]:
    """Go through the folders of Parquet files; the first format is the default.

    Files of another kind cannot stand beside them: ``datasets`` reads all configs of a card alike. It loads no
    config with a split without rows, so such a split is not named beside others.
    """
    for place, written in enumerate(WrittenRows.of(folder, manifest)):
        config = _Config(written.form.name, written.paths("train")[0], default=place == 0)
        for split, rows in (written.filled or written.splits).items():
            config.add(split, f"{config.name}/{split}", rows, written.paths(split))
        yield config
    for name in LISTINGS:
        files = listed_paths(folder, tuple(manifest["files"]), name)
        if rows := sum(pq.read_metadata(path).num_rows for path in files):
            config = _Config(name, files[0])
            config.add(name, name, rows, files)
            yield config


def _lists(manifest: Manifest) -> dict[str, Any]:
    """Return what the Hub takes from closed lists."""
    rows = sum(manifest["totals"][split] for split in SPLITS)
    languages = {language.partition("-")[0].lower() for source in manifest["sources"]
                 for language, number in source["languages"].items() if number}  # fmt: skip
    known = sorted(filter(_OF_HUB.fullmatch, languages - {NO_LANGUAGE}))
    published = [source["published"] for source in manifest["sources"]]
    needs = [form.kind.needs for form in _forms(manifest)]
    tasks = dict.fromkeys(task for need in needs for task in _TASKS.get(need, _ASKING))
    hub = [
        url.removeprefix(_HUB).partition("/tree/")[0] for url in published if url.startswith(_HUB)
    ]
    return {
        "pretty_name": " ".join(printable(manifest["name"]).split()),
        **_license(manifest),
        **({"language": known} if known else {}),
        "task_categories": list(tasks),
        "size_categories": [_STEPS[min(max(len(str(rows)) - 3, 0), len(_STEPS) - 1)]],
        **({"source_datasets": list(dict.fromkeys(hub))} if hub else {}),
        "tags": ["medical", "medqa_kit", *(["invented"] if manifest["invented"] else [])],
    }


def _forms(manifest: Manifest) -> list[Any]:
    return [written.form for written in WrittenRows.of(Path(), manifest)]


def _license(manifest: Manifest) -> dict[str, str]:
    """Name the licence if all sources have one and the same that the Hub knows; else point to the list."""
    text = resources.files(__package__).joinpath("card.schema.json").read_text("utf-8")
    known = json.loads(text)["properties"]["license"]["enum"]
    claims = [
        claim
        for source in manifest["sources"]
        for claim in written_claims(source)
        if claim.credible
    ]
    names = {(claim.license or "").lower() for claim in claims}
    contested = any(conflicting(written_claims(source)) for source in manifest["sources"])
    name = names.pop() if len(names) == 1 else ""
    if name in known and not contested:
        return {"license": name}
    return {
        "license": "other",
        "license_name": "see-licenses-of-sources",
        "license_link": "LICENSES.md",
    }


def _body(manifest: Manifest) -> str:
    totals = manifest["totals"]
    listed: list[tuple[str, ...]] = [("source", "licence", "read", *SPLITS, "dropped")]
    for source in manifest["sources"]:
        listed.append((
            markdown_text(label_of(source)), markdown_text(source["license"]), f"{source['read']:,}",
            *(f"{source[split]:,}" for split in SPLITS), f"{sum(source['dropped'].values()):,}",
        ))  # fmt: skip
    dropped = [f"- `{reason}`: {number:,}" for reason, number in totals["dropped"].items()]
    code = ["from datasets import load_dataset", "", 'data = load_dataset("path/of/this/folder")']
    code += [f'{name} = load_dataset("path/of/this/folder", "{name}")'
             for name in (*manifest["formats"], *([DROPPED_FOLDER] if dropped else []))]  # fmt: skip
    code += [f'{place} = load_dataset("json", data_files="path/of/this/folder/{place}/{_first_filled(form)}/*")'
             for form in manifest["formats"].values()
             for kind, place in form["folders"].items() if kind != "parquet"]  # fmt: skip
    blocks = [
        f"# {markdown_text(manifest['name'])}",
        *([markdown_text(manifest["about"])] if manifest["about"] else []),
        *(["**All rows are invented samples embedded in medqa\\_kit: nothing of the sources themselves.**"]
          if manifest["invented"] else []),
        f"Built for {manifest['use']} use by medqa\\_kit {markdown_text(manifest['medqa_kit'])}; "
        f"digest of the rows `{manifest['data_digest']}`.",
        fenced("\n".join(code), "python"),
        "The numbers of rows stand in the front matter, so a load of a part of the files "
        "(`data_files=`) is refused: load a split, or a slice of one.",
        "## Rows",
        _markdown_table(listed),
        *(["Left out (see `dropped`):", "\n".join(dropped)] if dropped else []),
        "## Notes",
        "\n".join(f"- {markdown_text(note)}" for note in manifest["notes"]) or "None.",
        "`manifest.json` has every count and revision; `ATTRIBUTION.md`, `LICENSES.md` and `references.bib` say "
        "whom to credit; `stanzas/` has what trainers must be told; `SHA256SUMS` has the digests of all files.",
    ]  # fmt: skip
    return "\n\n".join(blocks) + "\n"


def _first_filled(form: Mapping[str, Any]) -> str:
    """Return the first split of a format that has rows."""
    return next((split for split, facts in form["splits"].items() if facts["records"]), SPLITS[0])


def _markdown_table(rows: list[tuple[str, ...]]) -> str:
    ruled = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)
