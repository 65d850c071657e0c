"""The sources of rows of one's own in a finished result, as its manifest states them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from medqa_kit.building.output.file_digests import MANIFEST
from medqa_kit.building.output.papers.attribution import written_claims
from medqa_kit.building.written_manifest import written_manifest
from medqa_kit.catalog import Parent, Source
from medqa_kit.loading.authoring.own_sources import read_source


def own_rows_sources(file: str | os.PathLike[str]) -> list[Source]:
    """Return the sources of rows of one's own in the result that a file is of, with the licences that its recipe states.

    Args:
        file: A file of rows.

    Returns:
        None where the file is of no result.

    Raises:
        FormatError: The manifest is that of no build.
        StorageError: It cannot be read.
    """
    above = Path(file).absolute().parents[:3]  # format, split
    folder = next((each for each in above if (each / MANIFEST).is_file()), None)
    if folder is None:
        return []
    return [
        replace(read_source(str(said["published"]), schema="qa", name=said["name"], license=said["license"]),
                title=said["title"], citation=said["citation"], license=written_claims(said),
                derived_from=tuple(Parent(**parent) for parent in said.get("parents", ())))
        for said in written_manifest(folder)["sources"] if said.get("own")
    ]  # fmt: skip
