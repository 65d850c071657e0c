"""The request of a user for one source, checked before anything is read."""

from __future__ import annotations

import codecs
import json
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict, get_args

from medqa_kit.catalog.errata import OnErrata
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.places import Hub
from medqa_kit.core.arguments import did_you_mean, file_path, instance, nonempty_text, one_of
from medqa_kit.core.boundary import typed_errors
from medqa_kit.core.judging import RaiseOrDrop
from medqa_kit.errors import ArgumentError, WrongFilesError, shorten
from medqa_kit.loading.distributions.first_rows import FileTerms
from medqa_kit.loading.files.content_digests import FileDigests
from medqa_kit.loading.hub.hub_request import without_passwords

Origin = Literal["hub", "path", "sample"]
ExtraColumns = Literal["refuse", "ignore"]

_NO_REVISION = re.compile(r"(?:^|/)\.|\.\.|[\s\x00-\x1f\x7f~^:?*\[\\]|^[/-]|/$|//|\.lock$|.{251}")
"""What no branch, tag or commit of Git is called; ``..`` would lead to another address of the hub."""
_PAGE = re.compile(r"https?://[^/]+/(?:datasets/)?([\w.-]+/[\w.-]+)")


class OpenOptions(TypedDict, total=False):
    """Arguments of loading that are no words of a closed set; see :func:`medqa_kit.load`."""

    years: Collection[int] | None
    path: str | os.PathLike[str] | None
    keep: Sequence[str]
    repo: str | None
    revision: str | None
    lock: str | os.PathLike[str] | None
    columns: Mapping[str, str] | None
    encoding: str | None
    num_proc: int | None
    cache_dir: str | os.PathLike[str] | None
    token: str | None


class LoadOptions(OpenOptions, total=False):
    """Arguments that loading takes of every source alike; see :func:`medqa_kit.load`."""

    origin: Origin
    extra: ExtraColumns
    on_bad: RaiseOrDrop
    errata: OnErrata


@dataclass(frozen=True, kw_only=True)
class LoadRequest:
    """What a user asks of one source, beyond which parts.

    Attributes:
        origin: Where to read; with ``path`` it is ``"path"``.
        path: A folder, an archive or a file.
        view: ``"normalized"``, ``"raw"`` or a view of the source.
        keep: Raw columns to carry along.
        columns: Declared column name to the name it has in the files.
        extra: What to do with columns that are not declared.
        encoding: Of text files; ``None`` takes the declared one.
        choices: Values of the source's own choices, by name, such as ``{"variant": "both"}``.
        repo: Another repository than the catalogued one.
        revision: Another revision than the catalogued one.
        commits: Commits a lockfile names, by repository; ``revision`` comes first.
        on_bad: What to do with rows that are not as declared.
        token: Access token, if any.
        file_digests: When local files are digested.

    Raises:
        ArgumentError: A value is of the wrong type, or outside the closed set it is of.
    """

    origin: Origin = "hub"
    path: Path | None = None
    view: str = "normalized"
    keep: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    extra: ExtraColumns = "refuse"
    encoding: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    repo: str | None = None
    revision: str | None = None
    commits: Mapping[str, str] = field(default_factory=dict)
    on_bad: RaiseOrDrop = "raise"
    token: str | None = field(default=None, repr=False)
    file_digests: FileDigests = "changed"

    @property
    def terms(self) -> FileTerms:
        """What is said of the files themselves."""
        return FileTerms(columns=self.columns, extra=self.extra, encoding=self.encoding)

    def __post_init__(self) -> None:
        one_of("origin", self.origin, get_args(Origin))
        one_of("on_bad", self.on_bad, get_args(RaiseOrDrop),
               hint='a row that cannot be normalised cannot be kept; "drop" lists it in a file')  # fmt: skip
        one_of("extra", self.extra, get_args(ExtraColumns))
        nonempty_text("view", self.view)
        if self.encoding is not None:
            _refuse_unknown_encoding(nonempty_text("encoding", self.encoding))
        for argument in ("columns", "choices"):
            instance(argument, getattr(self, argument), Mapping, expected="a dict of names",
                     hint=f'write {argument}={{"name": "value"}}')  # fmt: skip
        for argument in ("repo", "revision"):
            if (value := getattr(self, argument)) is not None:
                nonempty_text(argument, value)
        if self.revision is not None and _NO_REVISION.search(self.revision):
            raise ArgumentError("revision= is no name of a revision", argument="revision", found=repr(self.revision)[:80],
                                expected="a commit, a tag or a branch",
                                hint="copy the 40 digits of a commit from the page of its history")  # fmt: skip
        if self.token is not None:
            object.__setattr__(self, "token", _clean_token(self.token))
        if self.origin == "sample" and self.path is not None:
            raise ArgumentError('origin="sample" and path= contradict each other', argument="path",
                                expected="one of them", found=f"path={str(self.path)!r}",
                                hint="leave origin= out to read the files at path=")  # fmt: skip
        if self.path is not None:
            object.__setattr__(self, "origin", "path")
        _refuse_no_repo(self.repo)

    def refuse_idle(self, source: Source) -> None:
        """Refuse arguments that would be ignored: the rows would not be those one thinks of.

        Raises:
            ArgumentError: ``repo`` or ``revision`` is set, and nothing is read from the hub.
        """
        idle = [name for name in ("repo", "revision") if getattr(self, name) is not None]
        at_hub = any(isinstance(source.layout_of(part).at, Hub) for part in source.parts)
        reason = (
            "path=" if self.path is not None
            else f'origin="{self.origin}"' if self.origin != "hub"
            else "" if at_hub
            else "a source that is not at the hub"
        )  # fmt: skip
        if idle and reason:
            names = " and ".join(f"{name}=" for name in idle)
            raise ArgumentError(f"{names} would do nothing with {reason}", argument=idle[0],
                                source=source.name, expected="files at the hub", found=reason,
                                hint=f"leave {names} out, or read from the hub")  # fmt: skip


def _refuse_unknown_encoding(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise ArgumentError("Python knows no such encoding", argument="encoding", found=repr(encoding),
                            expected="such as 'utf-8', 'cp949' or 'gb18030'",
                            hint="encoding='cp949' reads what Excel saves in Korea") from None  # fmt: skip


def _refuse_no_repo(repo: str | None) -> None:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    if repo is None:
        return
    try:
        validate_repo_id(repo)
    except HFValidationError:  # its text is the address, which may hold a password
        page = _PAGE.match(repo)
        raise ArgumentError(
            "repo= is no name of a repository", argument="repo", expected="owner/name",
            found=without_passwords(repr(repo))[:80],
            hint=f"did you mean {page[1]!r}?" if page else "copy the name from the dataset's page",
        ) from None  # fmt: skip


def _clean_token(token: object) -> str:
    """Strip a token of the line break it was copied with; no message quotes it."""
    clean = token.strip() if isinstance(token, str) else ""
    if not clean or not clean.isascii() or not clean.isprintable() or " " in clean:
        raise ArgumentError(
            "token= is no access token", argument="token", expected="letters and digits on one line",
            found="blanks, control characters or other letters (the token is not shown)"
            if isinstance(token, str) else f"a value of type {type(token).__name__} (it is not shown)",
            hint="copy the token again from the settings of your account, or log in with "
            "`hf auth login` and leave token= out",
        ) from None  # fmt: skip
    return clean


def cache_folder(cache_dir: str | os.PathLike[str] | None) -> str | None:
    """Return the root of the ``datasets`` cache as text; ``None`` is the usual one.

    Raises:
        ArgumentError: It is no path.
        WrongFilesError: It is no folder and cannot become one.
        StorageError: It cannot be looked at.
    """
    if cache_dir is None:
        return None
    folder = file_path("cache_dir", cache_dir)
    with typed_errors(folder):
        nearest = next((path for path in (folder, *folder.parents) if path.exists()), None)
    if nearest is not None and not nearest.is_dir():
        raise WrongFilesError("cache_dir= cannot be a folder", expected="a folder",
                              found=f"the file {str(nearest)!r}",
                              hint="name a folder, or leave cache_dir= out")  # fmt: skip
    return str(folder)


def cache_root(cache_dir: str | os.PathLike[str] | None) -> Path:
    """Return the root of the ``datasets`` cache.

    Raises:
        ArgumentError: ``cache_dir`` is no path, or a variable of the environment is not as ``datasets`` takes it.
    """
    try:
        from datasets import config
    except ValueError as error:  # the first import of these packages, which read their variables
        raise ArgumentError(
            "a variable of the environment is not as the packages of Hugging Face take it",
            argument="HF_ENDPOINT", expected="an address in HF_ENDPOINT, numbers of seconds in HF_…_TIMEOUT",
            found=without_passwords(str(error)),
            hint="set HF_ENDPOINT=https://huggingface.co, and unset other variables that begin with HF_",
        ) from None  # fmt: skip
    return Path(cache_folder(cache_dir) or config.HF_DATASETS_CACHE).expanduser()


def refuse_reversed(
    columns: Mapping[str, str], declared: Sequence[str], *, source: str | None = None
) -> None:
    """Refuse ``columns=`` in which the names of the file lead to those that are declared.

    Raises:
        ArgumentError: Its hint has the argument the right way round; and the declared name that is near, as it
            may be misspelt.
    """
    theirs = [name for name in columns if name not in declared]
    if theirs and all(columns[name] in declared for name in theirs):
        turned = {columns.get(name, name): name for name in theirs}
        remedy = f"pass columns={json.dumps(turned, ensure_ascii=False)}"
        slips = [slip for name in theirs if (slip := did_you_mean(name, declared))]
        what = "columns= is the other way round: declared name to the name in the file"
        if slips:  # or a declared name is misspelt, and the right column is in the file
            what = "columns= leads from a declared name to the name in the file"
            remedy = f"{' '.join(slips)} Or {remedy}"
        raise ArgumentError(what, argument="columns", source=source, expected=", ".join(declared),
                            found=shorten(theirs), hint=remedy)  # fmt: skip
