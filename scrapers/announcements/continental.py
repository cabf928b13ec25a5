"""French, German, Portuguese, Spanish and Swedish sentences about the issuer's own coins: held on a day, or bought.

Their numbers part thousands with blanks or points and decimals with a comma. A single point before three digits may be either: it is
read as one that parts thousands only where another number of the notice can be nothing else, and is in doubt elsewhere. A sentence counts
where the issuer is its subject; plans, bounds, other days and coins of customers do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from scrapers.announcements.issuer import Issuer
from scrapers.announcements.number_style import points_part_thousands
from scrapers.announcements.statement import BOUGHT, HELD, QUANTITY, WHOSE, Statement

_MONTHS = {
    name: number
    for names in (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    )
    for number, name in enumerate(names.split(), 1)
}
_MONTH_NAMES = "|".join(name.capitalize() for name in _MONTHS)
_NUMBER = r"\d{1,3}(?:[ .,]\d{3})+(?:,\d{1,2}|,\d{4,8})?|\d+(?:,\d{1,2}|,\d{4,8})?"
_AMOUNT = r"(?:environ|cirka|rund|etwa|aproximadamente|cerca|totalt|insgesamt|une?|uma?|ett|en|einen?|einem|einer|importe|valor|EUR|USD|SEK|US|R)\b|[€$£~\d]"
_GOES_ON = (  # what may follow a number of coins: anything else makes them another's, a difference or a part
    r"\s*(?:$|[.,;:)\]»“”—–](?!\w)|\(|(?:et|e|y|und|och|au|le|em|no|na|ao|al|el|zum|zu|am|im|in|per|den|vid|till|i|på|soit|dont|dans|sur|en|acquis|achetés|valorisés|valorad[oa]s|avaliad[oa]s|motsvarande|erworben|gekauft|förvärvade|adquirid[oa]s)\b"
    rf"|(?:pour|por|für|för|mit|med|com|con|avec|[aà]) (?:{_AMOUNT})|pelo (?:valor|preço|montante)\b|à ce jour\b|(?:par|por|pela|durch|av) ?(?:la Société|le Groupe|la Sociedad|la Compañía|Companhia|die Gesellschaft|[Bb]olaget)\b)"
)
_COINS = rf"(?P<about>environ |cirka |ca\.? |rund |etwa |aproximadamente |cerca de |~ ?)?(?<![\d.,])(?P<coins>{_NUMBER})(?![.,]?\d) ?(?:BTC|[Bb]itcoins?)\b(?={_GOES_ON})"
_MORE = r"(?:(?:désormais|actuellement|ainsi|donc|maintenant|à ce jour|au total|un total de|nu|numera|därmed|totalt|sammanlagt|nun|damit|somit|aktuell|derzeit|insgesamt|agora|atualmente|um total de|no total|en cartera|en total|actualmente|ahora|ya) )*"
_HOLDS = re.compile(
    rf"\b(?:détient|détenait|détiennent|détenaient|äger|innehar|hält|hielt|possui|detém|detinha|posee|poseía|mantiene|pass(?:a|ou) a deter) (?:(?:die )?(?:[A-Z][\w-]* ){{1,4}})?(?:(?:au|per|zum|em) (?P<on>\d[^,;]{{5,22}}\d{{4}}) )?{_MORE}{_COINS}"
    rf"|\b(?:(?:bitcoin)?innehav(?:et)? uppgår|uppgår (?:[Bb]olagets )?(?:totala )?(?:bitcoin)?innehav(?:et)?) {_MORE}till {_MORE}{_COINS.replace('?P<about>', '?P<near>').replace('?P<coins>', '?P<owned>')}"
)
_BUYS = re.compile(
    rf"\b(?:avoir acquis|avoir acheté|(?:confirme|annonce) l[’']acquisition de|a acquis|a acheté|har förvärvat|har köpt|adquiriu|comprou|ha adquirido|ha comprado) {_COINS}"
    rf"|\bhat {_COINS.replace('?P<about>', '?P<near>').replace('?P<coins>', '?P<owned>')} (?:[^.;,]{{0,40}} )?(?:erworben|gekauft)"
)
_SELF = re.compile(
    r"\b(?:la Société|La Société|le Groupe|Le Groupe|[Bb]olagets?|[Kk]oncernen|die Gesellschaft|Die Gesellschaft|a Companhia|A Companhia|a companhia|la Sociedad|La Sociedad|la Compañía|La Compañía)\b"
)
_SAYS = re.compile(
    r"\b(?:annonce|confirme|informe|meddelar|tillkännager|teilt|gibt|meldet|comunica|informa|anuncia|comunican)\b"
)
_BEGINNINGS = frozenset(  # of sentences, which name no company
    """
    a ao après apos após au aux avec bolagets com da das de der des det den die do du efter ele ela elle en es et genom i il innehavet kurs la
    le les med na nach no o os par per post suite sur totala totalt total tout um vi wir à às
    """.split()  # noqa: SIM905 - read as words
)
_NAME = re.compile(r"\b[A-Z][\w&’'-]*(?: [A-Z][\w&’'-]*)*")
_WITH_SUBSIDIARIES = re.compile(r"\bet (?:sa|ses) filiales?\b")
_PATTERNS = ((HELD, _HOLDS), (BOUGHT, _BUYS))
_SENTENCE = re.compile(
    r"(?<![\s(]\d)(?<![\s(]\d\d)(?<!\bca)(?<!\bS\.A)[.!?]\s+(?=[A-ZÀ-Þ«“\"])"
)  # "zum 30. Juni" goes on
_NO_NAME = re.compile(
    r"(?:Bitcoins?|BTC|Ethereum|ETH|Treasury|Yield|EUR|SEK|USD|BRL|R|US|ISIN|" + _MONTH_NAMES + r")(?: .*)?"
)
_VETO = re.compile(
    r"\b(?:objectif|cible|jusqu|pourra\w*|pourrait|prévoit|envisage\w*|clients?|filiale|plus de|près de|mål\w*|upp till|kan komma|avser|planerar|kund\w*|dotterbolag\w*|över|mer än"
    r"|Ziel\w*|bis zu|könnte\w*|würde\w*|soll\w*|plant|Kunden\w*|Tochter\w*|mehr als|über|meta|até|poderá|pretende|planeja|clientes?|subsidiária|controlada|mais de|objetivo|hasta|podrá|podría|prevé|pretende|filial|más de|no (?:posee|mantiene|ha|tiene)|equivalent\w*|équivalent\w*"
    r"|ETF|ETP|fonds|fonder|Fonds|fundos?|pas|ne|inte|nicht|kein\w*|não|si|falls|wenn|caso)\b",
)
_OPEN_OR_ANOTHERS = re.compile(  # not done yet, or coins of somebody else or in somebody else's hand
    r"\b(?:sous réserve|sous condition|conditionn\w+|projets?|proposé\w*|vorbehaltlich|Vorbehalt\w*|beabsichtig\w+|geplant\w*|förutsättning|villkor\w*|föresl\w+|sujeit[oa]s?|condicionad[oa]s?|sujet[oa]s?|pendientes?|proyectos?|projetos?|propuest[oa]s?|propost[oa]s?"
    r"|tiers|terceros|terceiros|Dritte[nr]?|annans|andras|actionnaires?|accionistas?|acionistas?|Aktionär\w*|aktieägar\w*|pour le compte|por cuenta|por conta|en nombre|em nome|au nom|Auftrag|uppdrag"
    r"|dépositaire|custodia|custódia|custodio|Treuhänder\w*|treuhänder\w*|Verwahr\w*|förvar\w*|garantie|garantía|garantia|nantis\w*|prenda|penhor|verpfändet\w*|Sicherheit\w*|säkerhet\w*|pantsatt\w*|préstamo|empréstimo|prêt|Darlehen)\b",
    re.I,
)
_DAY = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:er|\.)? (?:de )?(?P<month>{'|'.join(_MONTHS)}) (?:de )?(?P<year>20\d\d)\b", re.I
)
_ONE_COMMA = re.compile(r"\d{1,3},\d{3}")
_LATE = 40  # days; an older purchase is a recap


def statements(paragraphs: Iterable[str], issuer: Issuer) -> Iterator[Statement]:
    """What the sentences of a notice state."""
    texts = list(paragraphs)
    points = points_part_thousands(texts)
    own = False
    for sentence in (part for text in texts for part in _SENTENCE.split(text)):
        found = [(role, match) for role, wanted in _PATTERNS for match in wanted.finditer(sentence)]
        vetoed = _OPEN_OR_ANOTHERS.search(sentence) or _VETO.search(_WITH_SUBSIDIARIES.sub("", sentence))
        for role, match in () if vetoed else found:
            named = _is_own(sentence[: max(match.start("coins"), match.start("owned"))], issuer)
            yield from _stated(role, match, sentence, points, issuer.day, own if named is None else named)
        named = _is_own(sentence, issuer)
        own = own if named is None else named


def _stated(
    role: str, found: re.Match[str], sentence: str, points: bool, told: date | None, own: bool
) -> Iterator[Statement]:
    part = found.groupdict()
    text = part["coins"] or part["owned"]
    days = {
        day
        for match in _DAY.finditer(part["on"] or sentence if role == HELD else sentence)
        if (day := _day(match)) is not None
    }
    if told is None or len(days) > 1 or any(day > told for day in days):
        return
    day = next(iter(days), told)
    value, step = _value(text)
    doubts = []
    if "." in text and not points:
        doubts.append(f"{text}: a point may part thousands or decimals")
    if _ONE_COMMA.fullmatch(text):
        doubts.append(f"{text}: a comma may part thousands or decimals")
    if part["about"] or part["near"]:
        doubts.append("approximately")
    if not own:
        doubts.append(f"{WHOSE}: {sentence[:80]!r}")
    if role == BOUGHT and (told - day).days > _LATE:
        doubts.append("a recap of a longer period adds no purchase")
    start = day if role == BOUGHT else None
    yield Statement(QUANTITY[role], value, "BTC", day, start, step, bool(days), doubts=tuple(doubts))


def _is_own(words: str, issuer: Issuer) -> bool | None:
    """Whether the company named last is the issuer, by a word for itself or its name; None where none is named."""
    named = [(found.end(), True) for found in _SELF.finditer(words)]
    named += [
        (found.end(), verdict is True)
        for found in _NAME.finditer(words)
        if (verdict := issuer.owns(found[0])) is True
        or not (_NO_NAME.fullmatch(found[0]) or (found.start() == 0 and found[0].lower() in _BEGINNINGS))
    ]
    for found in _SAYS.finditer(
        words
    ):  # "X (la « Société »), cotée sur Y, annonce": who says it is X, unless it is "Y annonce"
        before = sorted(each for each in named if each[0] <= found.start())
        if before and any(own for _, own in before) and found.start() - before[-1][0] > 1:
            named.append((found.end(), True))
    return max(named)[1] if named else None


def _value(text: str) -> tuple[float, float]:
    """The number, and what one step of its last digit is worth."""
    found = re.fullmatch(r"(?P<whole>\d{1,3}(?:[ .,]\d{3})+|\d+)(?:,(?P<part>\d+))?", text)
    assert found is not None
    part = found["part"] or ""
    return float(f"{re.sub(r'[ .,]', '', found['whole'])}.{part or '0'}"), 10.0 ** -len(part)


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), _MONTHS[match["month"].lower()], int(match["day"]))
    except ValueError:
        return None
