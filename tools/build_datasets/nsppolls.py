"""The polls of 2022 as nsppolls compiled them, in the columns of the older compilation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.files import GATHERED, read_raw, require

RAW = "many/polls_france/fr2022_polls_nsppolls.parquet"
# first minute by which the public history of the compilation held each poll, Paris time
SEEN = GATHERED / "fr2022_polls_seen.csv"
ROUNDS = {"Premier tour": 1, "Deuxième tour": 2}
INSTITUTES = {"Opinion Way": "OpinionWay"}
BASES = {
    "Certains d'aller voter": "certain_to_vote",
    "Inscrits sur les listes électorales": "registered",
    "Français de plus de 18 ans": "adults",
}
NOBODY = "autre"
QUESTION = ["id", "round", "hypothese"]
# poll and hypothesis: who is entered, and whom the name of the hypothesis names in his place
MISENTERED = {
    ("20200630_0701_elb", "Hypothèse Bertrand-Jadot"): ("François Baroin", "Xavier Bertrand"),
}


def rows(source: Path) -> pd.DataFrame:
    """One row per poll, question and candidate.

    Returns
    -------
    pandas.DataFrame
        The columns of the compilation of 1965 to 2017, and `seen_on`, the minute by which the
        history of the compilation held the poll.

    Raises
    ------
    DataError
        If a poll has no such minute, or a correction no longer has anything to correct.
    """
    raw = read_raw(source / RAW)
    raw = raw.assign(round=raw["tour"].map(ROUNDS), hypothese=raw["hypothese"].fillna(""))
    for (poll, hypothesis), (entered, meant) in MISENTERED.items():
        wrong = raw["id"].eq(poll) & raw["hypothese"].eq(hypothesis) & raw["candidat"].eq(entered)
        require(int(wrong.sum()) == 1, RAW, f"{poll}: the error is gone, drop its correction")
        raw["candidat"] = raw["candidat"].mask(wrong, meant)
    unnamed = raw["candidat"].isna() | raw["candidat"].eq(NOBODY)
    partial = unnamed.groupby([raw[name] for name in QUESTION]).transform("any")
    expressed = raw.groupby(QUESTION)["sous_echantillon"].transform("max").round().astype(int)
    numbers = raw.groupby(["id", "round"])["hypothese"].rank("dense").astype(int)
    sponsors = raw["commanditaire"].str.replace("’", "'").str.split(", ")
    table = pd.DataFrame(
        {
            "poll_id": "2022_r"
            + raw["round"].astype(str)
            + "_"
            + raw["id"].str.removeprefix("20")
            + "_"
            + numbers.astype(str),
            "round": raw["round"],
            "institute": raw["nom_institut"].replace(INSTITUTES),
            "sponsor": sponsors.map(sorted, na_action="ignore").str.join("; "),
            "mode": None,
            "start_date": raw["debut_enquete"],
            "end_date": raw["fin_enquete"],
            "sample_size": raw["echantillon"],
            "sample_expressed": expressed,
            "base": raw["population"],
            "hypothesis": raw["hypothese"].mask(partial, "partial candidate set"),
            "candidate": raw["candidat"].str.replace("Eric ", "Éric "),
            "share_pct": raw["intentions"],
            "source": "nsppolls/nsppolls",
            "institute_basis": "stated",
            "date_kind": "end",
            "rolling": raw["rolling"].map({True: "True", False: "False"}),
            "notes": None,
            "seen_on": _seen(raw),
        }
    )
    return table[~unnamed]


def _seen(raw: pd.DataFrame) -> pd.Series:
    history = read_raw(SEEN)
    minutes = {
        (poll, int(number)): pd.Timestamp(minute)
        for poll, number, minute in history.itertuples(index=False)
    }
    keys = list(zip(raw["id"], raw["round"], strict=True))
    unknown = sorted({poll for poll, number in keys if (poll, number) not in minutes})
    require(not unknown, str(SEEN), f"has no minute for {unknown[:3]}")
    return pd.Series([minutes[key] for key in keys], index=raw.index)
