"""Work that keeps memory, for workers of another process."""

from __future__ import annotations

import time

KEPT: list[bytes] = []


def grow(number: int, brought: bytes) -> int:
    """Keep 400 MB after the first call, and take longer than loky's pause between measurements."""
    del brought
    time.sleep(1.1)
    KEPT.append(b"x" * 400_000_000)
    return number
