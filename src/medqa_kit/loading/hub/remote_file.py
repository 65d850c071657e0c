"""Read a file of the hub in place: bytes that come late, too few or changed are an error.

``HfFileSystem`` retries what fails, for half a minute at most, but gives short data without a
word. Lengths are checked at every read. A small file is read whole and checked before it is given
out. Where a larger one is read from its first byte to its last, as text formats are, its digest is
checked at the end; of a larger Parquet file only some bytes are read, and that those are right is
left to TLS and to the format.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from medqa_kit.core.stored import is_checked
from medqa_kit.errors import CacheWarning, CorruptedError, ServerError
from medqa_kit.errors.warning_classes import warn_at_caller
from medqa_kit.loading.files.file import File
from medqa_kit.loading.hub.deadline import Deadline, in_time
from medqa_kit.loading.hub.digest import Digest
from medqa_kit.loading.hub.hub_calls import call_hub
from medqa_kit.loading.hub.hub_errors import typed_hub_errors
from medqa_kit.loading.hub.hub_request import HubRequest

_SMALL = 10 << 20  # bytes; what git holds itself is never larger, and may be text
_BLOCK = 1 << 20  # bytes read ahead; Parquet footers and single column chunks are small


@dataclass(frozen=True, slots=True)
class RemoteFile(File):
    """A file of the hub, read in the pieces that are needed.

    Attributes:
        request: What is asked of the hub, for errors.
        digest: What is listed of its bytes.
        downloaded: Where it is in the cache of the hub, if it is.
    """

    request: HubRequest | None = None
    digest: Digest | None = None
    downloaded: str | None = None

    def open(self) -> BinaryIO:
        """Open for reading, from the first byte; the handle can seek.

        Raises:
            HubError: One of its kinds; reading raises them too.
        """
        from huggingface_hub import HfFileSystem

        assert self.request is not None
        if (local := self._local()) is not None:
            return local.open("rb")
        system = HfFileSystem(token=self.token)
        handle = call_hub(
            lambda: system.open(self.path, "rb", block_size=_BLOCK), request=self.request
        )
        watched = _Watched(handle, self)
        if watched.size > _SMALL:
            return cast(BinaryIO, watched)
        with watched:  # whole, and so checked before a row of it is read
            return io.BytesIO(watched.read(watched.size))

    def _local(self) -> Path | None:
        """Return where it was downloaded to, if its bytes are still those that are listed."""
        assert self.digest is not None
        if self.downloaded is None or not (path := Path(self.downloaded)).is_file():
            return None
        if is_checked(path, str(self.digest), self.digest.fits):
            return path
        with suppress(OSError):  # a cache that cannot be written keeps it
            delete_download(path)
        warn_at_caller(
            f"{path} in the cache of the hub is damaged; the file is read from the hub",
            CacheWarning,
        )
        return None


def delete_download(path: Path) -> None:
    """Delete a file of the hub's cache: the link, and the bytes it points to."""
    path.resolve().unlink(missing_ok=True)
    path.unlink(missing_ok=True)


class _Watched(io.RawIOBase):
    """A remote file handle that checks what it reads.

    Args:
        handle: Opened by ``HfFileSystem``.
        file: The file it is of.

    Attributes:
        size: Bytes, as listed.
    """

    def __init__(self, handle: BinaryIO, file: RemoteFile) -> None:
        assert file.request is not None
        assert file.digest is not None
        self._handle, self._name = handle, file.name
        self._request, self._digest = file.request, file.digest
        self._hash, self._hashed = file.digest.new(), 0
        self.size = file.digest.size
        self._late: ServerError | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        return self._handle.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._handle.tell()

    def close(self) -> None:
        """Close the connection too."""
        self._handle.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer, or what the file has left."""
        at, deadline = self._handle.tell(), Deadline(self._request)
        if self._late is not None:  # other pieces are not waited for as long again
            raise self._late
        try:
            with typed_hub_errors(deadline):
                data = in_time(partial(self._handle.read, len(buffer)), deadline)
        except ServerError as error:
            self._late = error
            raise
        if len(data) < min(len(buffer), self.size - at):
            raise ServerError(
                "the hub sent less than it lists", source=self._request.source, file=self._name,
                expected=f"{self.size} bytes",
                found=f"{at + len(data)} ({deadline.answer or 'no answer'})",
            )  # fmt: skip
        if at == self._hashed and data:
            self._follow(data)
        buffer[: len(data)] = data
        return len(data)

    def _follow(self, data: bytes) -> None:
        self._hash.update(data)
        self._hashed += len(data)
        if self._hashed == self.size and self._hash.hexdigest() != self._digest.hex:
            raise CorruptedError(
                "the bytes are not those that are listed", source=self._request.source, file=self._name,
                expected=str(self._digest), found="other bytes",
                hint="load without streaming=True: downloads are checked before a row is read",
            )  # fmt: skip
