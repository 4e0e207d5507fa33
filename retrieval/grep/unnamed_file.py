"""A file without a name, which is mapped into memory and ends with the process."""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path

_AT_A_TIME = 1 << 20


class UnnamedFile:
    """A file in a folder, which no other process can open. Methods that write raise OSError without space."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - it lives as long as this
        self.map: mmap.mmap | None = None
        """The file in memory, as long as it was when it was mapped."""

    def write(self, data: bytes, place: int) -> None:
        """Write bytes from `place` on."""
        view = memoryview(data)
        while view:
            view = view[os.pwrite(self._file.fileno(), view, place + len(data) - len(view)) :]

    def reserve(self, start: int, end: int) -> None:
        """Take the space up to `end` from the disk. The bytes from `start`, the present end, on are zeros.

        The file has no holes: to write into one on a full disk through the map would end the process.
        """
        if hasattr(os, "posix_fallocate"):  # not on macOS
            os.posix_fallocate(self._file.fileno(), 0, end)
            return
        for place in range(start, end, _AT_A_TIME):
            self.write(bytes(min(_AT_A_TIME, end - place)), place)

    def map_bytes(self, size: int, *, writable: bool = False) -> mmap.mmap:
        """Map the first `size` bytes into memory, instead of what is mapped."""
        if self.map is not None:
            self.map.close()
        access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
        self.map = mmap.mmap(self._file.fileno(), size, access=access)
        return self.map

    def release(self) -> None:
        """Release memory. What is needed again is read from the file."""
        if self.map is not None:
            self.map.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Remove the file."""
        if self.map is not None:
            self.map.close()
        self._file.close()
