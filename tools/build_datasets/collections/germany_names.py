"""What is known of German parties, Länder, institutes and governments."""

from __future__ import annotations

import pandas as pd

from tools.build_datasets.collections.ballots import OTHERS
from tools.build_datasets.collections.institutes import spellings

PEOPLE = pd.DataFrame(
    [
        ("afd", "Alternative für Deutschland", "far_right", "AfD"),
        ("cdu_csu", "CDU/CSU", "right", "CDU, in Bavaria CSU"),
        ("fdp", "Freie Demokratische Partei", "centre", "FDP"),
        ("gruene", "Bündnis 90/Die Grünen", "green", "Grüne"),
        ("linke", "Die Linke", "radical_left", "Linke, until 2007 PDS"),
        ("piraten", "Piratenpartei Deutschland", "other", "Piraten"),
        ("spd", "Sozialdemokratische Partei Deutschlands", "socialist", "SPD"),
        (OTHERS, "Other parties", "other", None),
    ],
    columns=["candidate", "name", "family", "party"],
).set_index("candidate")
# ParlGov, election.csv, hdigital/parlgov-snippets at commit f140fa7
VALID_VOTES = {
    1990: 46_455_772,
    1994: 47_105_174,
    1998: 49_308_512,
    2002: 47_996_480,
    2005: 47_287_988,
    2009: 43_371_190,
    2013: 43_726_856,
    2017: 46_515_492,
    2021: 46_442_023,
}
LAND_PARTIES = {"cdu": "cdu_csu", "fdp": "fdp", "gru": "gruene", "lin": "linke", "spd": "spd"}
# state: code, adjective of the title, electoral system (list vote alone, or mixed-member)
LAENDER = {
    "baden-wuerttemberg": ("bw", "Baden-Württemberg", "mixed"),
    "bayern": ("by", "Bavaria", "mixed"),
    "berlin": ("be", "Berlin", "mixed"),
    "brandenburg": ("bb", "Brandenburg", "mixed"),
    "bremen": ("hb", "Bremen", "proportional"),
    "hamburg": ("hh", "Hamburg", "proportional"),
    "hessen": ("he", "Hesse", "mixed"),
    "mecklenburg-vorpommern": ("mv", "Mecklenburg-Vorpommern", "mixed"),
    "niedersachsen": ("ni", "Lower Saxony", "mixed"),
    "nrw": ("nw", "North Rhine-Westphalia", "mixed"),
    "rheinland-pfalz": ("rp", "Rhineland-Palatinate", "mixed"),
    "saarland": ("sl", "Saarland", "proportional"),
    "sachsen": ("sn", "Saxony", "mixed"),
    "sachsen-anhalt": ("st", "Saxony-Anhalt", "mixed"),
    "schleswig-holstein": ("sh", "Schleswig-Holstein", "mixed"),
    "thueringen": ("th", "Thuringia", "mixed"),
}
INSTITUTES = spellings("germany")
MODES = {"Allensbach": "face to face", "Civey": "online opt-in", "YouGov": "online"}
# sizes that one institute has in dozens of polls: filled in by the compilers
IMPUTED_SIZES = {("emnid", 920), ("ifm_leipzig", 891)}
# who led the government, and from which election on
CHANCELLORS = {1990: "cdu_csu", 2002: "spd", 2009: "cdu_csu"}
# the same by state
PREMIERS = {
    "baden-wuerttemberg": {2006: "cdu_csu", 2016: "gruene"},
    "bayern": {2008: "cdu_csu"},
    "berlin": {2001: "spd"},
    "brandenburg": {1999: "spd"},
    "bremen": {2003: "spd"},
    "hamburg": {2008: "cdu_csu", 2015: "spd"},
    "hessen": {2008: "cdu_csu"},
    "mecklenburg-vorpommern": {1994: "cdu_csu", 2002: "spd"},
    "niedersachsen": {2003: "spd", 2008: "cdu_csu", 2017: "spd"},
    "nrw": {2005: "spd", 2010: "cdu_csu", 2012: "spd"},
    "rheinland-pfalz": {2006: "spd"},
    "saarland": {2004: "cdu_csu"},
    "sachsen": {1999: "cdu_csu"},
    "sachsen-anhalt": {2002: "spd", 2006: "cdu_csu"},
    "schleswig-holstein": {2005: "spd", 2009: "cdu_csu", 2017: "spd"},
    "thueringen": {2004: "cdu_csu", 2019: "linke"},
}
