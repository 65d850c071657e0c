"""Results in every kind of record that rows of a schema can become, each a format of one build."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import medqa_kit as mk
from medqa_kit.schemas import PREFERENCE, QA
from medqa_kit.training.kinds.model import REQUIRED

SOURCES: dict[str, tuple[dict[str, str], Any]] = {
    "qa": ({"name": "kormedmcqa"}, QA),
    "rationales": ({"name": "medical_o1_reasoning_sft"}, QA),
    "preference": ({"name": "ko_ultrafeedback"}, PREFERENCE),
}
_NEEDED = {"eos": "<end>", "model": "m"}


class EveryRecord(NamedTuple):
    """A result and the kinds of record that it holds."""

    out: Path
    names: list[str]

    def folder(self, name: str) -> str:
        """Return the folder of a kind of record."""
        return re.sub(r"\W", "_", name)


def in_every_record(key: str, folder: Path) -> EveryRecord:
    """Build from the samples of one of the sources."""
    source, schema = SOURCES[key]
    kinds = mk.record_kinds(schema)
    forms = [{"record": kind.name, "settings": {
        name: _NEEDED[name] for name, setting in kind.settings.items() if setting.default is REQUIRED
    }} for kind in kinds]  # fmt: skip
    recipe = {"name": "every", "source": [source], "on_bad": "drop", "split": {"validation": 0.3},
              "format": forms, "accept": ["ko_ultrafeedback"] if key == "preference" else []}  # fmt: skip
    result = mk.build(recipe, out=folder / "out", origin="sample", cache_dir=folder / "cache")
    return EveryRecord(result.path, [kind.name for kind in kinds])
