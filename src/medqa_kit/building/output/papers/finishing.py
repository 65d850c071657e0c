"""The last step of a result: its papers, its manifest and its checksums, once the rows are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medqa_kit.building.output.file_digests import (
    CHECKSUMS,
    MANIFEST,
    checksums,
    data_digest,
    listed_files,
)
from medqa_kit.building.output.papers.attribution import (
    attribution_text,
    licenses_text,
    references_text,
)
from medqa_kit.building.output.papers.croissant import croissant_text
from medqa_kit.building.output.papers.dataset_card import dataset_card
from medqa_kit.building.output.papers.recipe_file import recipe_text
from medqa_kit.building.output.papers.stanzas import stanzas
from medqa_kit.building.output.report.page import report_page
from medqa_kit.core.stored import stamped


def finish(folder: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Write the papers of a result whose rows are written, its manifest and its checksums.

    Args:
        folder: The folder, with the files of rows and nothing else but papers to be written anew.
        content: What the manifest says, without ``files`` and digests.

    Returns:
        The manifest as it was written.
    """
    rows = listed_files(folder)
    manifest = {**content, "data_digest": data_digest(rows), "files": rows}
    papers = _papers(folder, manifest)
    for name, text in papers.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8", "backslashreplace"))
    unchanged = {name: facts for name, facts in rows.items() if name not in papers}
    written = stamped({**manifest, "files": listed_files(folder, known=unchanged)})
    text = json.dumps(written, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    (folder / CHECKSUMS).write_bytes(checksums(folder, written["files"]))
    return dict(json.loads(text))


def _papers(folder: Path, manifest: Mapping[str, Any]) -> dict[str, str]:
    return {
        "README.md": dataset_card(folder, manifest),
        "ATTRIBUTION.md": attribution_text(manifest),
        "LICENSES.md": licenses_text(manifest),
        "references.bib": references_text(manifest),
        "croissant.json": croissant_text(folder, manifest),
        "recipe.toml": recipe_text(manifest),
        "report.html": report_page(folder, manifest),
        **stanzas(manifest),
    }
