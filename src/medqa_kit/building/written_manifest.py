"""Read the manifest of a finished result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medqa_kit.building.output.file_digests import MANIFEST, data_digest, listed_files
from medqa_kit.core.json_text import strict_value
from medqa_kit.core.stored import has_own_digest
from medqa_kit.errors import FormatError, StorageError, WrongFilesError


def written_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a result, as far as all readers need it sound.

    Raises:
        WrongFilesError: There is no result in the folder.
        FormatError: Its manifest is that of no build.
        StorageError: It cannot be read.
    """
    try:
        manifest = dict(strict_value((folder / MANIFEST).read_bytes()))
        _ = {
            name: facts["sha256"] + f"{facts['bytes']:,}"
            for name, facts in manifest["files"].items()
        }
        _ = [(each["name"], each["dropped"]) for each in manifest["sources"]]
        _ = manifest["totals"]["dropped"], manifest["holdouts"], manifest["recipe"]
    except (FileNotFoundError, NotADirectoryError):
        raise WrongFilesError("there is no result of a build", file=str(folder), expected=MANIFEST,
                              hint="name the folder that mk.build wrote") from None  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise no_manifest(folder, error) from error
    except OSError as error:
        raise StorageError.of(error, folder, elsewhere="or name another folder") from error
    return manifest


def sound_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a result that nobody edited since it was built.

    Raises:
        WrongFilesError: There is no result in the folder.
        FormatError: Its manifest is that of no build, or was edited.
        StorageError: It cannot be read.
    """
    manifest = written_manifest(folder)
    # Results of versions before digests have a manifest without one.
    if "digest" in manifest and not has_own_digest(manifest):
        raise FormatError("the manifest was edited since it was built", file=str(folder / MANIFEST),
                          expected="the digest it has of itself", found="another one",
                          hint="mk.verify(out) lists what changed; build the result anew")  # fmt: skip
    return manifest


def rows_before(target: Path, folder: Path, entry: Mapping[str, Any]) -> str | None:
    """Return the digest of the rows that stood in a folder before some were taken out.

    Where the rows of the earlier result are the new ones it is the digest that result tells, so that the same
    build again gives the same manifest.

    Args:
        target: Folder of the earlier result, if there is one.
        folder: Where the new rows are.
        entry: What the new manifest says of the rows taken out.
    """
    if not (target / MANIFEST).is_file():
        return None
    earlier = written_manifest(target)
    digest: str | None = earlier.get("data_digest")
    if digest == data_digest(listed_files(folder)):
        same = [
            each
            for each in earlier.get("retracted", ())
            if {**each, "before": None} == {**entry, "before": None}
        ]
        return (
            str(same[-1]["before"]) if same and same[-1].get("before") else None if same else digest
        )
    return digest


def no_manifest(folder: Path, error: Exception) -> FormatError:
    """Return the error for a manifest that no build wrote."""
    return FormatError("the manifest is not that of a build", file=str(folder / MANIFEST),
                       found=f"{type(error).__name__}: {error}", hint="build the result anew")  # fmt: skip
