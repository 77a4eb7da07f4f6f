"""The words by which lists and tables name their columns, in the languages of the programs that write them.

Names are given as `plain` returns them. Of several names of a field, the one listed first here is preferred.
"""

import re
import unicodedata

PLACES = (
    ("ionimagepixelx", "ionimagepixely"),  # as METASPACE's converter writes
    ("x", "y"),
    ("xcoord", "ycoord"),
    ("xcoordinate", "ycoordinate"),
    ("xcoordinates", "ycoordinates"),
    ("xkoordinate", "ykoordinate"),
    ("coordx", "coordy"),
    ("coordonneex", "coordonneey"),
    ("xpos", "ypos"),
    ("posx", "posy"),
    ("xposition", "yposition"),
    ("positionx", "positiony"),
    ("pixelx", "pixely"),
    ("xpixel", "ypixel"),
    ("xum", "yum"),
    ("xmm", "ymm"),
    ("spotx", "spoty"),
    ("col", "row"),
    ("column", "row"),
    ("spalte", "zeile"),
    ("colonne", "ligne"),
    ("arraycol", "arrayrow"),
    ("imagecol", "imagerow"),
)
PLANES = ("z", "plane", "slice", "zcoord", "positionz", "zposition", "ionimagepixelz")
COLUMNS = {
    "mz": (
        *("mz", "rawmz", "mzvalue", "ionmz", "theoreticalmz", "mztheoretical", "mzmeasured", "measuredmz"),
        *("moleculemz", "observedmz", "moverz", "masstocharge", "masstochargeratio", "centroid", "centroidmz"),
        *("masseladung", "massezuladung", "masseladungsverhaltnis", "massecharge", "rapportmassecharge"),
        *("masacarga", "relacionmasacarga", "质荷比", "質荷比", "質量電荷比", "inputmass", "mass", "masse", "masa"),
    ),
    "intensity": (
        *("intensity", "intensities", "abundance", "signal", "value", "counts"),
        *("intensitat", "intensitaet", "intensite", "intensidad", "强度", "強度"),
    ),
    "name": (
        *("name", "names", "compound", "molecule", "moleculename", "moleculenames", "annotation", "lipid"),
        *("compoundname", "commonname", "lipidname", "metabolite", "metabolitename", "metabolit"),
        *("verbindung", "substanz", "stoff", "bezeichnung", "verbindungsname", "substanzname", "analyt"),
        *("compose", "nom", "nomducompose", "nombre", "compuesto", "nome", "composto", "analyte", "substance"),
        "namederverbindung",
        *("名称", "名稱", "化合物", "化合物名称", "化合物名", "物质", "代谢物", "名前"),
        *("allisomernames", "ion", "label"),
    ),
    "formula": (
        *("formula", "allformulas", "sumformula", "molecularformula", "molformula", "ionformula", "chemicalformula"),
        *("summenformel", "molekulformel", "molekuelformel", "formel"),
        *("formule", "formulebrute", "formulechimique", "formulemoleculaire", "formulamolecular"),
        *("分子式", "化学式", "組成式"),
    ),
    "adduct": ("adduct", "adducts", "alladducts", "addukt", "addukte", "adduit", "aducto", "加合物", "付加体"),
    "class": (
        *("class", "classes", "lipidclass", "moleculeclass", "compoundclass", "category", "mainclass"),
        *("klasse", "lipidklasse", "stoffklasse", "substanzklasse", "classe", "classelipidique", "clase"),
        *("类别", "類別", "クラス", "label", "labels"),
    ),
    "cluster": ("cluster", "clusters", "clusternumber", "clustername", "group", "gruppe", "groupe"),
    "mz_i": ("mzi",),
    "mz_j": ("mzj",),
    "i": ("i",),
    "j": ("j",),
    "kind": ("kind",),
}

# Of windows; those at the same place belong together.
LOWER = ("min", "start", "low", "lower", "from", "minimum", "begin", "left", "von", "untere")
UPPER = ("max", "end", "high", "upper", "to", "maximum", "end", "right", "bis", "obere")
ENDS = {*LOWER, *UPPER}
# Words beside "m/z" or "mass" in the name of a column that do not change what it is.
_BESIDE = {
    *("measured", "observed", "obs", "exp", "experimental", "found", "detected", "theoretical", "theor", "theo"),
    *("calc", "calculated", "computed", "expected", "exact", "accurate", "value", "values", "ratio", "ion", "ions"),
    *("raw", "molecule", "average", "avg", "mean", "med", "median", "center", "centre", "centroid", "peak", "row"),
    *("precursor", "parent", "target", "feature", "listed", "list", "input", "ref", "reference", "monoisotopic"),
    *("selected", "gemessen", "gemessene", "gemessenes", "berechnet", "berechnete", "berechnetes", "theoretisch"),
    *("theoretische", "theoretisches", "wert", "werte", "experimentell", "beobachtet", "mesure", "mesuree", "observe"),
    *("calcule", "calculee", "theorique", "valeur", "medido", "medida", "teorico", "teorica", "calculado", "calculada"),
    *("observado", "valor", "rapport", "verhaltnis", "relacion", "th", "da", "u", "amu", "dalton", "of", "the"),
    *("测量", "实测", "理论", "理論", "实验"),
}
_MASS = {"mass", "masse", "masses", "massen", "masa", "masas", "massa", "質量", "质量"}
# Words that make a mass one of a neutral molecule.
_NEUTRAL = {
    *("exact", "exacte", "exakte", "exacta", "genaue", "monoisotopic", "monoisotopique", "monoisotopische", "mono"),
    *("monoisotopica", "neutral", "neutrale", "neutre", "neutra", "molecular", "molekulare", "moleculaire", "molar"),
    *("molaire", "molare", "average", "nominal"),
}
NEUTRAL = {
    *("mw", "molweight", "molecularweight", "molwt", "monoisotopenmasse", "neutralmasse", "molmasse", "molekulmasse"),
    *("molekulargewicht", "molgewicht", "poidsmoleculaire", "pesomolecular", "分子量", "精确质量", "精密質量"),
    *("monisotopicmolecularweight", "monoisotopicmolecularweight", "averagemolecularweight"),  # the first is HMDB's
    *("单同位素质量", "モノアイソトピック質量"),
}
_MZ_WORD = re.compile(r"(?<![^\W\d_])m\s*[/._\- ]?\s*z(?![^\W\d_])|质荷比|質荷比")
_TOLERANCE = re.compile(r"[\[(]?\s*(?:±|\+/-|\+-)\s*\d[\d.,]*\s*(?:ppm|m?da|th|u|%)?\s*[\])]?\s*$", re.IGNORECASE)
_ELEMENTS = r"(?:H2O|H|Na|K|NH4|Li|Cl|Br|Ag|HCOO|CHO2|FA|ACN)"
_ADDUCT = re.compile(
    r"(?:(?i:m\s*/?\s*z|mass|theor\w*|calc\w*|exact|monoisotopic)[\s_.:,(/]*)*"
    r"(?P<adduct>'?(?:"
    r"\[\d?M(?:[+\-–−][A-Za-z0-9]{1,12})*[+\-–−]?\]\s*\d?[+\-–−]{0,2}"  # [M+H]+, [M]+, [M+2H]2+
    rf"|\d?M(?:[+\-–−][A-Z0-9][A-Za-z0-9]{{0,11}})+|M[+\-–−]|M{_ELEMENTS}[+\-–−]"  # M+H, M+, MH+
    rf"|(?:X\.)?M\.{{1,2}}{_ELEMENTS}\.*|[+\-–−]{_ELEMENTS}))"  # M.H is what R makes of M+H and of M-H
    r"[\s_.:,)/]*(?i:[\[(]?(?:m\s*/?\s*z|mass|da|th)[\])]?)?\s*"
)


def plain(text: object) -> str:
    """Return the letters and digits of a name in lower case and without accents; Greek µ becomes u."""
    return re.sub(r"[\W_]", "", _lower(str(text)))


def words(text: str) -> list[str]:
    """Return the words of a name in lower case and without accents; m/z in any spelling is the word "mz"."""
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", text)  # observedMz
    found = re.findall(r"[^\W_]+", _MZ_WORD.sub(" mz ", _lower(spaced)))
    return [part for word in found for part in _parts(word)]


def _parts(word: str) -> list[str]:
    """Return the words of a joined one, such as "mzmin" and "averagemz"."""
    if word.startswith("mz") and word[2:] in _BESIDE | ENDS:
        return ["mz", word[2:]]
    if word.endswith("mz") and word[:-2] in _BESIDE | ENDS:
        return [word[:-2], "mz"]
    return [word]


def is_mz(name: str) -> bool:
    """Return whether the name of a column says m/z, such as "m/z (measured)" and "calc. m/z", but not "m/z error"."""
    found = words(_TOLERANCE.sub("", name))
    return "mz" in found and (_BESIDE | _MASS).issuperset({*found} - {"mz"})


def is_neutral(name: str) -> bool:
    """Return whether the name of a column says that it holds masses of neutral molecules."""
    found = {*words(name)}
    return plain(_without_unit(name)) in NEUTRAL or (
        bool(found & _MASS and found & _NEUTRAL) and found <= _MASS | _NEUTRAL | _BESIDE
    )


def is_mass(name: str) -> bool:
    """Return whether the name of a column says mass, be it of ions or of neutral molecules."""
    found = {*words(name)}
    return bool(found & _MASS) and found <= _MASS | _BESIDE and not is_neutral(name)


def says_mobility(name: str) -> bool:
    """Return whether the name of a column tells of ion mobility, such as "Interval Width (+/- 1/K0)"."""
    found = words(name)
    return bool({"mobility", "k0", "ook0", "im", "mobilitat", "mobilite"} & {*found})


def adduct_in(name: str) -> str:
    """Return the adduct in the name of a column that holds the m/z of its ions, such as M+H; empty if there is none."""
    match = _ADDUCT.fullmatch(name.strip()) if len(name) < 60 else None
    return match["adduct"].removeprefix("'") if match else ""


def _lower(text: str) -> str:
    """Return text in lower case, with the accents of Latin letters and the widths of signs removed."""
    if text.isascii():
        return text.lower()
    flat = unicodedata.normalize("NFKD", text.lower().replace("µ", "u").replace("μ", "u"))
    # Marks of other scripts belong to their letters; NFC joins them again.
    return unicodedata.normalize("NFC", re.sub(r"(?<=[a-z])[\u0300-\u036f]+", "", flat))


def _without_unit(name: str) -> str:
    return re.sub(r"[\[(][^\[\]()]*[\])]\s*$", "", name)
