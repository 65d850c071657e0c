"""The folder of a result: claimed for one build, filled under another name, put in place when whole.

At each moment the earlier result or the new one stands under the name, or, where the system cannot
exchange two names in one step, the earlier one is put back by the next build.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medqa_kit.building.folder_lock import locked_folder
from medqa_kit.building.output.file_digests import CHECKSUMS, MANIFEST, all_files, checksums
from medqa_kit.building.termination import stopped_by_exception
from medqa_kit.core.arguments import file_path
from medqa_kit.core.atomic import exchanged, synced
from medqa_kit.core.stored import has_own_digest, sha256_of
from medqa_kit.errors import ArgumentError, MedQAError, RecipeError, StorageError, shorten

LEAST_ROOM = 1 << 20
"""Bytes that must be free before anything is read; at least the size of an earlier result."""

_UNFINISHED, _EARLIER, _UNITS = "unfinished", "earlier", "units"
_BESIDE = " beside the earlier result, which stays until the end"
Facts = dict[str, tuple[int, int]]


@contextmanager
def finished_together(
    out: str | os.PathLike[str], *, replace_edited: bool | None = False
) -> Iterator[tuple[Path, Path]]:
    """Claim a folder, and give another one to write into, which replaces it when the block ends without an error.

    All checks run before the block begins: the content of the folder, rights, room, another build. Within the
    block, SIGTERM raises an exception as Ctrl-C does. A build that stops early leaves the earlier result, and rows
    of a large result that were written (:func:`kept_units`); other files that a killed build left are removed first.

    Args:
        out: The folder of the result.
        replace_edited: Whether an earlier result may be replaced although its files were changed; ``None`` where
            it is what the result is made of, so that none can.

    Yields:
        The folder to write into, and the folder of the result, resolved.

    Raises:
        RecipeError: ``out`` is a file, a folder with something else than an earlier result, the folder
            we are in, or another build writes it; or the earlier result was edited.
        StorageError: There are no rights, no room or no locks there.
    """
    folder = _target(out)
    with locked_folder(folder), stopped_by_exception():
        _put_back(folder)
        before = _earlier_facts(folder, replace_edited)
        _clear(folder)
        _refuse_no_room(folder, before)
        unfinished = _beside(folder, _UNFINISHED)
        try:
            with storage_errors(folder):
                unfinished.mkdir()
            yield unfinished, folder
            with storage_errors(folder):
                _put_in_place(unfinished, folder, before)
                _clear_units(folder, but="")
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def beside_result(argument: str, file: str | os.PathLike[str], out: Path) -> Path:
    """Return a file to write, if it is not inside the folder of the result, which a build replaces as a whole.

    Raises:
        ArgumentError: It is inside the folder, or no path.

    Example:
        >>> beside_result("log", "build.log", Path("out")).name
        'build.log'
    """
    path = file_path(argument, file, written=True)
    if out.resolve() in (path.resolve(), *path.resolve().parents):
        raise ArgumentError(f"{argument}= is in the folder of the result, which is replaced as a whole", argument=argument,
                            expected="a file outside it", found=shorten([str(file)]), hint="write it beside the folder")  # fmt: skip
    return path


def kept_units(folder: Path, key: str) -> Path:
    """Return the folder beside a result for units of rows that are written before the others.

    It stays after a build that stops early, so that the next one continues from it; a complete build removes it.

    Args:
        folder: Folder of the result, which is locked.
        key: Sixteen hexadecimal digits: a digest of all that the rows depend on. Units with another key are removed.
    """
    _clear_units(folder, but=key)
    return folder.with_name(f".{folder.name}.{_UNITS}-{key}")


def _clear_units(folder: Path, *, but: str) -> None:
    for path in _left(folder, _UNITS):
        if not path.name.endswith(f"-{but}"):
            shutil.rmtree(path)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the system while a result is written into an error that names the folder.

    Raises:
        StorageError: Something in the block raised an ``OSError``.
    """
    try:
        yield
    except MedQAError:
        raise
    except OSError as error:
        raise StorageError(
            "the result cannot be written", file=str(folder),
            expected="a folder with room and rights, which can be renamed",
            found=error.strerror or str(error) or type(error).__name__,
            hint="make room or give rights there, or choose another out=",
        ) from error  # fmt: skip


def _target(out: str | os.PathLike[str]) -> Path:
    folder = Path(out).expanduser().resolve()
    if any("\ud800" <= char <= "\udfff" for char in str(folder)):
        raise RecipeError("the name of the output folder is no Unicode text, which readers of its files need",
                          file=str(out), hint="choose another out=")  # fmt: skip
    if folder == Path.cwd() or folder in Path.cwd().parents:
        raise RecipeError("the output folder is the current one, or above it", file=str(out),
                          hint="name a folder in it")  # fmt: skip
    with storage_errors(folder):
        is_file = folder.exists() and not folder.is_dir()
    if is_file:
        raise RecipeError("the output folder is a file", file=str(out), hint="choose another out=")
    if around := [
        above
        for above in folder.parents
        if all((above / name).is_file() for name in (MANIFEST, CHECKSUMS))
    ]:
        raise RecipeError("the output folder is in the folder of another result", file=str(out), found=str(around[0]),
                          hint="name a folder beside it: a result holds nothing but what its manifest lists")  # fmt: skip
    if folder.is_mount():
        raise RecipeError("the output folder is where a volume is mounted, which cannot be replaced",
                          file=str(out), hint=f"name a folder in it, such as {str(folder / 'result')!r}")  # fmt: skip
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except (NotADirectoryError, FileExistsError) as error:
        raise RecipeError("the output folder cannot be made", file=str(out), found=str(error),
                          hint="choose another out=") from error  # fmt: skip
    except OSError as error:
        raise StorageError("the output folder cannot be made", file=str(out),
                           expected="rights to make folders there",
                           found=error.strerror or str(error),
                           hint="give rights there, or choose another out=") from error  # fmt: skip
    return folder


def _beside(folder: Path, stage: str) -> Path:
    return folder.with_name(f".{folder.name}.{stage}-{secrets.token_hex(8)}")


def _left(folder: Path, stage: str) -> list[Path]:
    """List files that killed builds left; the caller holds the lock, so none of these builds runs."""
    name = re.compile(rf"\.{re.escape(folder.name)}\.{stage}-[0-9a-f]{{16}}")
    return sorted(path for path in folder.parent.iterdir() if name.fullmatch(path.name))


def _put_back(folder: Path) -> None:
    """Put back an earlier result that a killed build had renamed; the folder may exist again by now."""
    with storage_errors(folder):
        aside = _left(folder, _EARLIER)
        if aside and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
        if aside and not folder.exists():
            aside[-1].rename(folder)


def _clear(folder: Path) -> None:
    """Remove what killed builds left, now that what stands under the name is known to be a result."""
    with storage_errors(folder):
        for path in [*_left(folder, _EARLIER), *_left(folder, _UNFINISHED)]:
            shutil.rmtree(path)


def _earlier_facts(folder: Path, replace_edited: bool | None) -> Facts | None:
    """Return sizes and times of the files of an earlier result; refuse a folder with other content."""
    if not folder.exists():
        return None
    with storage_errors(folder):
        facts = _facts(folder)
        if facts:
            _refuse_other_content(folder, set(facts), replace_edited)
    return facts


def _facts(folder: Path) -> Facts:
    seen = {name: path.lstat() for name, path in all_files(folder).items()}
    return {name: (s.st_size, s.st_mtime_ns) for name, s in seen.items()}


def _refuse_other_content(folder: Path, names: set[str], replace_edited: bool | None) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = {name: facts["sha256"] for name, facts in manifest["files"].items()}
        ours = {"medqa_kit", "recipe_digest"} <= set(manifest)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        files, ours = {}, False
    strange = sorted(names - {MANIFEST, CHECKSUMS, *files})
    if not ours or strange:
        raise RecipeError(
            "the output folder holds something else than an earlier result", file=str(folder),
            found=shorten(strange) if ours else "no manifest of a result",
            hint="put what is no part of it elsewhere" if ours and replace_edited is None
            else "choose another out=, or empty it yourself",
        )  # fmt: skip
    if replace_edited:
        return
    # Results of versions before this one have a manifest without a digest.
    edited = [] if has_own_digest(manifest) or "digest" not in manifest else [MANIFEST]
    edited += [
        name for name in sorted(names & set(files)) if sha256_of(folder / name) != files[name]
    ]
    if CHECKSUMS in names and "digest" in manifest and not edited:
        fit = (folder / CHECKSUMS).read_bytes() == checksums(folder, manifest["files"])
        edited += [] if fit else [CHECKSUMS]
    if edited:
        raise RecipeError(
            "files of the earlier result were changed since it was built", file=str(folder),
            expected=f"the digests that {MANIFEST} lists", found=", ".join(edited),
            hint="build the result anew" if replace_edited is None
            else "keep them under another name, or pass replace_edited=True to lose the changes",
        )  # fmt: skip


def _refuse_no_room(folder: Path, before: Facts | None) -> None:
    earlier = sum(size for size, _ in (before or {}).values())
    refuse_little_room(folder, max(LEAST_ROOM, earlier))


def refuse_little_room(folder: Path, needed: int) -> None:
    """Check that the disk has room for a result.

    Args:
        folder: Folder of the result.
        needed: Bytes that it takes at least.

    Raises:
        StorageError: There is less.
    """
    with storage_errors(folder):
        free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise StorageError(
            "there is no room for the result", file=str(folder),
            expected=f"{needed:,} bytes free{_BESIDE if folder.exists() else ''}",
            found=f"{free:,} bytes", hint="make room there, or choose another out=",
        )  # fmt: skip


def _put_in_place(unfinished: Path, folder: Path, before: Facts | None) -> None:
    """Put the new result under the name in one step."""
    for path in [*unfinished.rglob("*"), unfinished]:
        synced(path)
    if before != (_facts(folder) if folder.exists() else None):
        raise RecipeError("the output folder was changed while the result was built",
                          file=str(folder), hint="look at what is there, and build again")  # fmt: skip
    if before is None:
        unfinished.rename(folder)
    elif not exchanged(unfinished, folder):
        _replace_in_two_steps(unfinished, folder)
    synced(folder.parent)


def _replace_in_two_steps(unfinished: Path, folder: Path) -> None:
    earlier = _beside(folder, _EARLIER)
    try:
        folder.rename(earlier)
        unfinished.rename(folder)
    except BaseException:
        if earlier.exists() and not folder.exists():
            earlier.rename(folder)
        raise
    synced(folder.parent)
    shutil.rmtree(earlier, ignore_errors=True)
