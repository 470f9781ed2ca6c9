"""Run the notebooks of the docs from top to bottom and store in them what they show."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"  # shows nothing where no kernel runs


def main(arguments: list[str] | None = None) -> int:
    """Store the outputs of all notebooks, or of some; needs the extra `notebooks`."""
    import nbformat

    parser = argparse.ArgumentParser(prog="python -m tools.course.notebooks", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="all of docs/notebooks if left out")
    for path in parser.parse_args(arguments).paths or sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(executed(path), path)
        print(path)
    return 0


def executed(path: Path) -> NotebookNode:
    """A notebook with its outputs, and nothing in it that tells one machine from another.

    Parameters
    ----------
    path : Path
        Of the notebook; its cells run in a kernel of their own, in its folder.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if WIDGET not in one.get("data", {})]
    return notebook


if __name__ == "__main__":
    sys.exit(main())
