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
        "Mouvement républicain et citoyen",
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
        "Nouveau Centre",
        "Parti radical valoisien",
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
        "Parti chrétien-démocrate",
        "République solidaire",
        "Divers droite",
    ),
    "sovereignist_right": (
        "Mouvement pour la France",
        "Rassemblement pour la France",
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

# whom polls tested and who did not stand, with the party of the time
TESTED: dict[int, dict[str, str]] = {
    1988: {"Michel Rocard": "Parti socialiste"},
    1995: {
        "Jacques Delors": "Parti socialiste",
        "Michel Rocard": "Parti socialiste",
        "Valéry Giscard d'Estaing": "Union pour la démocratie française",
    },
    2002: {"Charles Pasqua": "Rassemblement pour la France"},
    2012: {
        "Christine Boutin": "Parti chrétien-démocrate",
        "Corinne Lepage": "Citoyenneté action participation pour le XXIe siècle",
        "Dominique Strauss-Kahn": "Parti socialiste",
        "Dominique de Villepin": "République solidaire",
        "Hervé Morin": "Nouveau Centre",
        "Jean-Louis Borloo": "Parti radical valoisien",
        "Jean-Pierre Chevènement": "Mouvement républicain et citoyen",
        "Martine Aubry": "Parti socialiste",
        "Nicolas Hulot": "Europe écologie les verts",
        "Olivier Besancenot": "Nouveau parti anticapitaliste",
        "Ségolène Royal": "Parti socialiste",
    },
    2017: {
        "Alain Juppé": "Les républicains",
        "Arnaud Montebourg": "Parti socialiste",
        "Bruno Le Maire": "Les républicains",
        "Cécile Duflot": "Europe écologie les verts",
        "François Bayrou": "Mouvement démocrate",
        "François Hollande": "Parti socialiste",
        "Manuel Valls": "Parti socialiste",
        "Nicolas Hulot": "Europe écologie les verts",
        "Nicolas Sarkozy": "Les républicains",
        "Sylvia Pinel": "Parti radical de gauche",
        "Vincent Peillon": "Parti socialiste",
        "Yannick Jadot": "Europe écologie les verts",
    },
}

FAMILY_OF = {party.casefold(): family for family, names in FAMILIES.items() for party in names}
