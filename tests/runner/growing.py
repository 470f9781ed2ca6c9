"""Work that keeps memory or takes for ever, for workers of another process."""

from __future__ import annotations

import os
import time
from pathlib import Path

KEPT: list[bytes] = []


def grow(number: int) -> int:
    """Keep 400 MB after the first call, and take longer than loky's pause between measurements."""
    time.sleep(1.1)
    KEPT.append(b"x" * 400_000_000)
    return number


def stay(folder: str) -> None:
    """Say which process this is, and be at work until somebody ends it."""
    Path(folder, f"at_work.{os.getpid()}").touch()
    time.sleep(300)
