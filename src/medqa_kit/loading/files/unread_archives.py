"""Find archives beside the files of a part that may hold more files of it, but are not read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medqa_kit.errors import WrongFilesError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.local_files import is_packed, still_closed, whole_archive
from medqa_kit.loading.files.name_patterns import matches

_ENDINGS = re.compile(r"(?i)(?:\.tar)?\.[a-z0-9]{2,5}$")
_ANYWHERE = "~"  # a folder that says nothing of what it holds


def refuse_unread_archives(
    wanted: Sequence[File], beside: Sequence[File], pattern: str, *, source: str, part: str
) -> None:
    """Refuse an archive within an archive, a piece of one, or one of a kind that is not read, which is called as the part is.

    Args:
        wanted: The files of the part.
        beside: All files there.
        pattern: What the files of the part are called.
        source: For the error message, like ``part``.
        part: See ``source``.

    Raises:
        WrongFilesError: One would hold files of the part when unpacked, by its name and where it lies, and is not.
    """
    closed = [file for file in beside if is_packed(whole_archive(file.name))]
    if not closed:
        return
    steps = wanted[0].name.split("/")
    tails = ["/".join(steps[count:]) for count in range(len(steps))]
    telling = [tail for tail in tails if not matches(f"{_ANYWHERE}/{tail}", pattern)]
    names = [file.name for file in beside]
    for file in closed:
        folder = _ENDINGS.sub("", whole_archive(file.name))
        opened = any(name.startswith(f"{folder}/") for name in names)
        if not opened and any(matches(f"{folder}/{tail}", pattern) for tail in telling):
            raise WrongFilesError(
                "an archive that is not looked into may hold more files of the part", source=source, part=part,
                expected="folders, or zip archives in a folder", found=shorten([file.name]),
                hint=still_closed([file]),
            )  # fmt: skip
