"""Ask the hub for the commit, the files, and their sizes and digests.

``huggingface_hub`` does the talking. What is added here: a revision is resolved before anything
is read and never replaced by another, every failure becomes one of our errors with a next step,
and downloaded bytes are checked against the digests the hub lists.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medqa_kit.catalog.places import is_commit, repository_folder
from medqa_kit.errors import CorruptedError, WrongFilesError, shorten
from medqa_kit.loading.files.file import File
from medqa_kit.loading.files.name_patterns import matches
from medqa_kit.loading.hub.deadline import Deadline
from medqa_kit.loading.hub.digest import Digest
from medqa_kit.loading.hub.hub_calls import call_hub
from medqa_kit.loading.hub.hub_request import HubRequest, is_offline
from medqa_kit.loading.hub.remembered_answers import remember_listing, remembered_listing
from medqa_kit.loading.hub.remote_file import RemoteFile, delete_download

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

_MOST_ENTRIES = 1_000_000  # of a listing
_BLOB = re.compile("[0-9a-f]{40}")
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Repo:
    """A dataset repository at one commit.

    Attributes:
        source: Name of the source, for messages.
        repo: ``owner/name``.
        commit: Full commit hash.
        token: For gated and private repositories; ``None`` uses the one you are logged in with.
    """

    source: str
    repo: str
    commit: str
    token: str | None = field(default=None, repr=False)

    @property
    def folder(self) -> str:
        """What a folder with files of the repository is called: ``owner+name``."""
        return repository_folder(self.repo)

    @classmethod
    def resolve(cls, source: str, repo: str, revision: str | None, token: str | None) -> Repo:
        """Find out which commit a revision is; a full hash needs no question.

        Args:
            source: Name of the source, for messages.
            repo: ``owner/name``.
            revision: Commit, branch or tag; ``None`` is the main branch.
            token: Access token, if any.

        Raises:
            HubError: One of its kinds.
        """
        if revision is not None and is_commit(revision):
            return cls(source, repo, revision, token)
        request = HubRequest(source, repo, revision, token=token)
        info = call_hub(lambda: _api(token).dataset_info(repo, revision=revision), request=request)
        if not isinstance(info.sha, str) or not is_commit(info.sha):
            raise Deadline(request).no_hub(f"the commit {shorten([info.sha])}")
        return cls(source, repo, info.sha, token)

    @cached_property
    def listing(self) -> dict[str, Digest]:
        """All files at this commit by name, in order; asked for once, since a commit stays."""
        known = remembered_listing(self.repo, self.commit)
        if known is not None:
            return known
        listing = call_hub(self._listed, request=self._request())
        if listing:  # a repository has files: an empty answer may be better tomorrow
            remember_listing(self.repo, self.commit, listing)
        return listing

    def _listed(self) -> dict[str, Digest]:
        from huggingface_hub.hf_api import RepoFile

        tree = _api(self.token).list_repo_tree(
            self.repo, repo_type="dataset", revision=self.commit, recursive=True
        )
        entries: dict[str, Any] = {}
        for entry in tree:  # it comes in pages, each of which names the next
            if entry.path in entries or len(entries) >= _MOST_ENTRIES:
                raise Deadline(self._request()).no_hub(
                    f"a listing without end: {shorten([entry.path])} after {len(entries):,} entries"
                )
            entries[entry.path] = entry
        files = [entry for entry in entries.values() if isinstance(entry, RepoFile)]
        return {file.path: _digest(file) for file in sorted(files, key=lambda file: file.path)}

    def find(self, pattern: str, *, part: str) -> dict[str, Digest]:
        """Return the files that match a pattern, in order of their names.

        Raises:
            WrongFilesError: None does.
        """
        files = {name: digest for name, digest in self.listing.items() if matches(name, pattern)}
        if not files:
            raise WrongFilesError(
                f"no file of {self.repo} at {self.commit[:7]} is where it should be",
                source=self.source, part=part, expected=pattern, found=shorten(self.listing),
                hint="upstream may have moved them: pass the catalogued revision, or "
                "path= with a copy laid out as expected",
            )  # fmt: skip
        return files

    def download(self, name: str, digest: Digest) -> File:
        """Download a file into the ordinary hub cache, or find it there, and check its bytes.

        Raises:
            CorruptedError: The bytes differ from what the hub lists, twice; they are deleted.
        """
        for _ in range(2):
            path = Path(self._fetched(name, digest.size))
            if digest.fits(path):
                return File(name, str(path), size=digest.size)
            delete_download(path)
        raise CorruptedError(
            "the downloaded bytes are not those that are listed; the download was deleted",
            source=self.source, file=name, expected=f"{digest.size} bytes, {digest}",
            found="other bytes, twice",
            hint="a proxy may change downloads; try another network, or path= with a good copy",
        )  # fmt: skip

    def _fetched(self, name: str, size: int) -> str:
        from huggingface_hub import hf_hub_download

        return call_hub(
            lambda: hf_hub_download(
                self.repo,
                name,
                repo_type="dataset",
                revision=self.commit,
                token=self.token,
                local_files_only=is_offline(),
            ),
            request=self._request(name, size),
            from_cache=True,
            size=self._downloaded,
        )

    def _downloaded(self) -> int:
        """Return the bytes of this repository's unfinished downloads, whoever is at them."""
        from huggingface_hub import constants

        folder = Path(constants.HF_HUB_CACHE, f"datasets--{self.repo.replace('/', '--')}", "blobs")
        with suppress(OSError):  # not made yet, or finished meanwhile
            return sum(path.stat().st_size for path in folder.glob("*.incomplete"))
        return 0

    def remote(self, name: str, digest: Digest) -> File:
        """Name a file for reading it in place: where it was downloaded to before, or at the hub."""
        from huggingface_hub import try_to_load_from_cache

        known = try_to_load_from_cache(self.repo, name, repo_type="dataset", revision=self.commit)
        url = f"hf://datasets/{self.repo}@{self.commit}/{name}"
        request = self._request(name, digest.size)
        return RemoteFile(
            name, url, size=digest.size, token=self.token, request=request, digest=digest,
            downloaded=known if isinstance(known, str) else None,
        )  # fmt: skip

    def _request(self, file: str | None = None, size: int | None = None) -> HubRequest:
        return HubRequest(self.source, self.repo, self.commit, file, self.token, size)


def _api(token: str | None) -> HfApi:
    from huggingface_hub import HfApi

    return HfApi(token=token, library_name="medqa_kit")


def _digest(file: RepoFile) -> Digest:
    """Return what is listed of a file.

    Raises:
        ValueError: It is not what a hub lists.
    """
    digest = Digest(file.size, file.blob_id, "git")
    if file.lfs is not None:
        digest = Digest(file.size, file.lfs.sha256)
    hexadecimal = _BLOB if digest.kind == "git" else _SHA256
    is_size = type(digest.size) is int and digest.size >= 0
    # Half a surrogate pair is a character of no file name.
    is_name = isinstance(file.path, str) and file.path == file.path.encode(errors="ignore").decode()
    if not is_size or not hexadecimal.fullmatch(digest.hex) or not is_name:
        raise ValueError(f"a file {shorten([file.path, digest.size, digest.hex])}")
    return digest
