"""Pin all requirements anew: `python -m tools.locks`."""

from __future__ import annotations

import subprocess
import sys

UV = "uv==0.13.9"
COMPILE = (
    *("uv", "pip", "compile", "pyproject.toml", "--quiet", "--no-strip-extras"),
    *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"),
)
LOCKS = {
    "requirements-dev.lock": "--universal --python-version 3.11 --extra test --extra check",
    "requirements.lock": "--universal --python-version 3.11 --constraints requirements-dev.lock",
    "requirements-lowest.lock": (
        "--resolution lowest-direct --upgrade --python-version 3.11 --extra test"
    ),
}
"""Each file with its arguments; a run takes the versions of the tests. Versions that a file holds
stay where they may (for newer ones delete the file); the lowest are looked up anew."""


def main() -> None:
    """Write the three files."""
    python = (sys.executable, "-m")
    subprocess.run([*python, "pip", "install", "--quiet", UV], check=True)
    for name, arguments in LOCKS.items():
        subprocess.run([*python, *COMPILE, *arguments.split(), "--output-file", name], check=True)


if __name__ == "__main__":
    main()
