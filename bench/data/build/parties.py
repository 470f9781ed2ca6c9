"""Parties: the family of each, and those that the compilation of outcomes leaves empty."""

from __future__ import annotations

FAMILIES: dict[str, tuple[str, ...]] = {
    "trotskyist": (
        "Ligue communiste",
        "Front communiste révolutionnaire",
        "Ligue communiste révolutionnaire",
        "Nouveau parti anticapitaliste",
        "Lutte ouvrière",
        "Mouvement pour un parti des travailleurs",
        "Parti des travailleurs",
        "Comité national pour la reconquête de la démocratie",
    ),
    "communist": ("Parti communiste français",),
    "radical_left": (
        "Parti socialiste unifié",
        "Communiste rénovateur",
        "Gauche antilibérale",
        "Front de gauche",
        "La France insoumise",
    ),
    "socialist": (
        "Convention des institutions républicaines",
        "Section française de l'internationale ouvrière",
        "Parti socialiste",
        "Mouvement des radicaux de gauche",
        "Parti radical de gauche",
        "Mouvement des citoyens",
    ),
    "green": (
        "Candidature écologiste",
        "Mouvement d'écologie politique",
        "Les verts",
        "Europe écologie les verts",
        "Citoyenneté action participation pour le XXIe siècle",
    ),
    "centre": (
        "Mouvement républicain populaire",
        "Centre démocrate",
        "Mouvement démocrate socialiste de France",
        "Fédération nationale des républicains indépendants",
        "Union pour la démocratie française",
        "Mouvement démocrate",
        "En marche",
    ),
    "right": (
        "Union pour la nouvelle République - Union démocratique du travail",
        "Union des démocrates pour la République",
        "Rassemblement pour la République",
        "Union pour un mouvement populaire",
        "Les républicains",
        "Parti libéral européen",
        "Démocratie libérale",
        "Forum des républicains sociaux",
        "Divers droite",
    ),
    "sovereignist_right": (
        "Mouvement pour la France",
        "Debout la République",
        "Debout la France",
        "Union populaire républicaine",
    ),
    "far_right": (
        "Comité Tixier-Vignancour",
        "Front national",
        "Mouvement national républicain",
    ),
    "other": (
        "Divers gauche",
        "Indépendant",
        "Nouvelle Action française",
        "Mouvement fédéraliste européen",
        "Fédération pour une nouvelle solidarité",
        "Solidarité et progrès",
        "Chasse, pêche, nature et traditions",
        "Résistons",
    ),
}

NAMED_HERE: dict[tuple[int, str], str] = {
    (1965, "mitterrand"): "Convention des institutions républicaines",
    (1974, "dumont"): "Candidature écologiste",
    (1981, "giscard_d_estaing"): "Union pour la démocratie française",
    (1981, "bouchardeau"): "Parti socialiste unifié",
    (1995, "balladur"): "Rassemblement pour la République",
    (2002, "megret"): "Mouvement national républicain",
    (2002, "taubira"): "Parti radical de gauche",
    (2002, "lepage"): "Citoyenneté action participation pour le XXIe siècle",
    (2007, "bove"): "Gauche antilibérale",
    (2012, "poutou"): "Nouveau parti anticapitaliste",
}

FAMILY_OF = {party.casefold(): family for family, names in FAMILIES.items() for party in names}
