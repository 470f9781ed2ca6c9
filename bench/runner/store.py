"""Store: a folder of fragments, each whole or not there, whatever happens to the writer."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path

from bench.core.errors import BenchError, DataError
from bench.runner.fragment import Fragment, decode

ABANDONED_S = 24 * 3600.0
UNFINISHED = ".unfinished"


class StoreError(BenchError):
    """The folder of cells cannot be written or read."""


class Store:
    """Fragments by key.

    Any number of runs may share a folder: a fragment is written under a name of its own, forced
    to disk and renamed, so that the last writer of equal content wins and nobody sees a part.

    Parameters
    ----------
    folder : Path
        Made when the first fragment is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()  # a predictor may change the working directory

    def path(self, key: str) -> Path:
        """Where the fragment of a key lies."""
        return self.folder / key[:2] / f"{key[2:]}.cell"

    def get(self, key: str) -> Fragment | None:
        """The fragment of a key; None if there is none.

        Raises
        ------
        DataError
            If there is one and it is not what was written.
        StoreError
            If it cannot be read.
        """
        path = self.path(key)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._trouble("read", path, error) from error
        fragment = decode(content, key)
        if fragment is None:
            raise DataError(
                f"{path}: this cell is damaged (its checksum does not match); delete it, or run "
                "again with execution.overwrite=only-missing"
            )
        return fragment

    def put(self, key: str, content: bytes) -> None:
        """Keep a fragment, whole, on disk.

        Raises
        ------
        StoreError
            If it cannot be written, e.g. on a full disk. Nothing half-written is left.
        """
        path = self.path(key)
        temporary = self.folder / UNFINISHED / f"{key}.{uuid.uuid4().hex}"
        try:
            for folder in (path.parent, temporary.parent):
                folder.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except OSError as error:
            raise self._trouble("written", path, error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def settle(self) -> None:
        """Force the names of new fragments to disk too."""
        if os.name != "posix" or not self.folder.is_dir():
            return
        for folder in self.folder.iterdir():
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def sweep(self) -> None:
        """Remove what killed writers left half-written."""
        for path in (self.folder / UNFINISHED).glob("*"):
            try:
                if time.time() - path.stat().st_mtime > ABANDONED_S:
                    path.unlink()
            except OSError:
                continue

    def _trouble(self, what: str, path: Path, error: OSError) -> StoreError:
        return StoreError(
            f"{path}: this cell cannot be {what} ({error.strerror}); what is finished is kept: "
            "make room or set execution.store to another folder, and run the same command again"
        )
