"""Compare the bytes of a file with the size and digest that the hub lists."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from medqa_kit.core.stored import sha256_of


@dataclass(frozen=True)
class Digest:
    r"""Size and digest of a file.

    Attributes:
        size: Bytes.
        hex: Hex digest: SHA-256 of the content, or git's SHA-1 of the blob.
        kind: Which of the two; the hub lists SHA-256 of large files only.

    Example:
        >>> Digest(2, "", "git").new().hexdigest() == hashlib.sha1(b"blob 2\0").hexdigest()
        True
    """

    size: int
    hex: str
    kind: Literal["sha256", "git"] = "sha256"

    def __str__(self) -> str:
        return f"{self.kind}:{self.hex}"

    @classmethod
    def of(cls, path: Path) -> Digest:
        """Digest a file on disk."""
        return cls(path.stat().st_size, sha256_of(path))

    def new(self) -> Any:
        """Return an empty hash of this kind; feed it the file's bytes in order."""
        if self.kind == "sha256":
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)

    def contradicts(self, other: Digest) -> bool:
        """Check whether no file can have both digests.

        Example:
            >>> Digest(2, "a", "git").contradicts(Digest(2, "b")), Digest(2, "a").contradicts(Digest(2, "b"))
            (False, True)
        """
        return self.size != other.size or (self.kind == other.kind and self.hex != other.hex)

    def fits(self, path: Path) -> bool:
        """Check whether a file on disk has this size and digest."""
        if path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            return bool(hashlib.file_digest(file, self.new).hexdigest() == self.hex)
