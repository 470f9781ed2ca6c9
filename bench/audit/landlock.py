"""Linux Landlock: a process gives up the right to read some folders, compiled code included."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

# the same numbers on every architecture; see linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # what _pack_ means, since Python 3.14
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def available() -> bool:
    """Whether this kernel can do it; False away from Linux, and on Linux before 5.13."""
    if not sys.platform.startswith("linux"):
        return False
    return _system(_CREATE_RULESET, None, 0, _VERSION) > 0


def give_up_reading(folders: Collection[Path], *, but: Collection[Path] = ()) -> bool:
    """Read nothing below `folders` from now on, nor list a folder that contains one.

    Holds for this process and its children, for good. Landlock lists what is allowed, so
    everything that lies beside the way to the folders is, and the files in `but`.

    Returns
    -------
    bool
        Whether the kernel agreed.
    """
    if not available():
        return False
    handled = ctypes.c_uint64(_READ_FILE | _READ_DIR)
    rules = _system(_CREATE_RULESET, ctypes.byref(handled), 8, 0)
    if rules < 0:
        return False
    try:
        denied = {Path(os.path.realpath(folder)) for folder in folders}
        for path in (*_beside(Path("/"), denied), *but):
            _allow(rules, path)
        if ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        return _system(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _beside(folder: Path, denied: set[Path]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink() or path in denied:
            continue
        if any(path in place.parents for place in denied):
            yield from _beside(path, denied)
        else:
            yield path


def _allow(rules: int, path: Path) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
    rule = _Beneath(rights, place)
    _system(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    os.close(place)


def _system(number: int, *arguments: object) -> int:
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    return int(call(ctypes.c_long(number), *arguments))
