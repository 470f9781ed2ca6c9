"""Facts of a run kept as JSON, so that its page can be made again without running it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError
from bench.report.context import RunFacts

FACTS = "facts.json"
LISTS = ("qualifiers", "comparisons")
DATES = ("as_of", "vote_on")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How one vote is shown: the label before its file names, with a page or without."""

    facts: RunFacts
    label: str
    quietly: bool
    whole: bool


def facts_text(shown: list[Shown], outlines_root: Path) -> str:
    """The votes of a run as JSON; outlines are named relative to the shipped data.

    Parameters
    ----------
    shown
        Every vote of the run.
    outlines_root
        The folder of shipped data.
    """
    return json.dumps([_kept(item, outlines_root) for item in shown], indent=1) + "\n"


def read_facts(path: Path, manifest: Mapping[str, Any], outlines_root: Path) -> list[Shown]:
    """The votes of a run, read back.

    Parameters
    ----------
    path
        `facts.json` of the run.
    manifest
        Its `manifest.json`, read.
    outlines_root
        The folder of shipped data.

    Raises
    ------
    DataError
        If the file is missing or not one that `facts_text` wrote.
    """
    try:
        return [
            facts_from(entry, manifest, outlines_root) for entry in json.loads(path.read_text())
        ]
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}); accepted: the folder of a backtest"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is not whole ({error}); run the experiment again") from error


def _kept(item: Shown, root: Path) -> dict[str, Any]:
    facts = item.facts
    kept: dict[str, Any] = {
        key: value for key, value in vars(facts).items() if key not in ("manifest", "transitions")
    }
    kept |= {key: str(getattr(facts, key)) for key in DATES}
    kept["outcome"] = {str(name): float(share) for name, share in facts.outcome.items()}
    kept |= {key: dict(kept[key]) for key in ("names", "families", "ballots", "audit")}
    outlines = facts.area_outlines
    kept["area_outlines"] = None if outlines is None else outlines.relative_to(root).as_posix()
    moved = facts.transitions
    kept["transitions"] = None if moved is None else json.loads(moved.to_json(orient="split"))
    return {"label": item.label, "quietly": item.quietly, "whole": item.whole, "facts": kept}


def facts_from(entry: Mapping[str, Any], manifest: Mapping[str, Any], root: Path) -> Shown:
    """One vote, from what `facts_text` wrote."""
    kept = dict(entry["facts"])
    kept |= {key: pd.Timestamp(kept[key]) for key in DATES}
    kept |= {key: tuple(kept[key]) for key in LISTS}
    kept["outcome"] = pd.Series(kept["outcome"])
    outlines = kept["area_outlines"] and root / kept["area_outlines"]
    kept["area_outlines"] = outlines if outlines and outlines.is_file() else None
    moved = kept["transitions"]
    kept["transitions"] = None if moved is None else pd.DataFrame(
        moved["data"], columns=moved["columns"]
    )  # fmt: skip
    facts = RunFacts(manifest=manifest, **kept)
    return Shown(facts=facts, label=entry["label"], quietly=entry["quietly"], whole=entry["whole"])
