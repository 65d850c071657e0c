"""Record size and SHA-256 of the files of sources: ``python tools/pin.py NAME… [--folder FOLDER]``.

Asks the hub for the files of each part at the catalogued commit. Where it lists SHA-256, that is taken;
of other files, which are small, the bytes are fetched, checked and digested. Other bytes under the same
commit are refused from then on. Run it where you trust the hub you reach, and read the diff.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import medqa_kit as mk
from medqa_kit.catalog import Hub, Part, PinnedFile, Source
from medqa_kit.catalog.known_files import FOLDER, known_files_text
from medqa_kit.core.atomic import write_text
from medqa_kit.core.stored import sha256_of
from medqa_kit.loading.hub.repository import Repo

ENTRIES = Path(mk.__file__).parent / "entries"


def known_files(source: Source, part: Part) -> tuple[PinnedFile, ...]:
    """Ask the hub for the files of one part."""
    layout = source.layout_of(part)
    assert isinstance(layout.at, Hub)
    repo = Repo.resolve(source.name, layout.at.repo, layout.at.revision, None)
    found = repo.find(part.pattern(layout), part=part.name)
    return tuple(
        PinnedFile(
            name,
            digest.size,
            digest.hex if digest.kind == "sha256" else sha256_of(repo.download(name, digest).path),
        )
        for name, digest in found.items()
    )


def pin(name: str, folder: Path) -> Path:
    """Record the files of one source.

    Raises:
        SystemExit: No part of it is pinned to a commit of the hub.
    """
    declared = mk.source(name)
    source = replace(declared, parts=tuple(replace(part, files=()) for part in declared.parts))
    places = {part.name: source.layout_of(part).at for part in source.parts}
    pinned = [
        part for part in source.parts
        if isinstance(at := places[part.name], Hub) and not at.floating
    ]  # fmt: skip
    if not pinned:
        raise SystemExit(f"{name}: no part is pinned to a commit of the hub")
    file = folder / f"{name}.json"
    files = {part.name: known_files(source, part) for part in pinned}
    write_text(file, known_files_text(source, files))
    return file


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help="names of catalogued sources")
    parser.add_argument("--folder", type=Path, default=ENTRIES / FOLDER, help="where to write")
    options = parser.parse_args(arguments)
    for name in options.names:
        print(pin(name, options.folder))


if __name__ == "__main__":
    main()
