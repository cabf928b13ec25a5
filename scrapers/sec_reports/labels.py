"""What the label of a row of a balance sheet says: debt, another liability we know, or nothing we know; by words, never by tags.

Three answers, since a row of an unknown kind may be debt under a name not met before: it puts the sum in doubt. So every
word here is specific enough that a label of debt without its word of debt ("Prepaid advance liability", "Due under the Smith
arrangement") is not taken for something else.
"""

from __future__ import annotations

import re
from enum import Enum


class Kind(Enum):
    """What a row among the liabilities is."""

    DEBT = "debt"
    DEBT_AND_LEASES = "debt and finance leases in one line"
    CONTRA = "discount or cost taken off debt"
    OTHER = "a liability that is no borrowing"
    MIXED = "debt and another liability in one line"
    UNKNOWN = "unknown"


_REFERENCE = re.compile(  # to a note of the accounts, not a note that is owed
    r"[(\[]?\s*\b(?:see|refer to|cf\.?)?\s*\bnotes?\s+(?:no\.?\s*)?(?!(?:19|20)\d\d\b)\d+[a-z]?(?:\([a-z0-9]+\))*(?:\s*(?:,|and|&|to|-|–)\s*(?:notes?\s+)?\d+[a-z]?\b(?!\s*%))*\s*[)\]]?",
    re.I,
)
_PRINTED_AS = {ord(sign): "-" for sign in "‐‑"} | {ord("’"): "'", ord("\u00ad"): "", ord("\u200b"): ""}
_PARENTHESES = re.compile(r"\([^()]*\)")
_INCLUDED = re.compile(r"\((?:[^()]*\W)?(?:includ\w+|of\s+which|comprising|consisting)\b(?P<what>[^()]*)\)", re.I)

_DEBT = re.compile(
    r"""\b(?:
      (?:indebted|debt|borrowing|debenture|overdraft|mortgage|bond(?!ing))\w*
    | loans?(?:\s+payables?)? | (?:promissory\s+)?notes?(?:\s+payables?)? | commercial\s+paper
    | (?:revolving\s+)?(?:lines?\s+of\s+credit|credit\s+lines?|(?:credit|loan|term|revolving|funding|financing|receivables|receivables?\s+(?:purchase|securiti[sz]ation))\s+(?:facility|facilities|agreements?))
    | revolver | revolving\s+credit | bank\s+(?:credit|facilit(?:y|ies)|advances?)
    | prepaid\s+advances? | (?:FHLB|federal\s+home\s+loan\s+banks?|liquidity\s+facility)\s+advances? | merchant\s+cash\s+advances? | margin\s+(?:credit|account\s+payable)
    | (?:repurchase|financing)\s+(?:agreements?|arrangements?|transactions?)|securities\s+sold\s+under\s+agreements?\s+to\s+repurchase
    | financing\s+(?:obligations?|liabilit(?:y|ies)|payables?)
    | interest[-\s]bearing\s+(?:liabilities|obligations)
    | (?:premium|equipment|vehicle|inventory|floor\s*plan|vendor|supplier|miners?|receivables?|revenue[-\s]based)\s+financ(?:e|ing) | financed\s+insurance\s+premiums? | floor\s*plan\s+payables? | sukuk | schuldschein\w*
    | warehouse\s+(?:facility|facilities|lines?) | hire[-\s]purchase | instal?lments?\s+(?:payables?|purchases?) | trust\s+preferred
    | (?:due|owed|payables?)\s+to\s+(?:an?\s+|the\s+)?(?:banks?|lenders?|factors?|bondholders?|noteholders?)
    )\b""",
    re.I | re.X,
)
# words after which a debt word is not a borrowing of the company
_NO_BORROWING = re.compile(
    r"""\b(?:(?:notes?|loans?|debts?|bonds?|mortgages?|debentures?)(?:\s+(?:and|&)\s+\w+)?\s+receivables?|warrants?|derivatives?|conversion\s+(?:features?|options?|components?|rights?)|embedded|interest\s+(?:payable|accrued|on)|accrued\s+(?:and\s+unpaid\s+)?interest
    |deposits?|debt\s+securities|investments?\s+in|held[-\s]to[-\s]maturity|available[-\s]for[-\s]sale
    |book\s+overdrafts?|SAFEs?|simple\s+agreements?\s+for\s+future\s+equity|surety\s+bonds?|performance\s+bonds?|bond\s+premium\s+payable|loans?\s+(?:to|held)\b|loan\s+loss(?:es)?|undrawn|unfunded\s+loan|forgiveness)\b""",
    re.I | re.X,
)
_LEASE = re.compile(r"\bleas(?:es?|ing|ehold)\b", re.I)
_CONTRA = re.compile(
    r"^less\b.*\b(?:current|portion|maturit\w+|within|discounts?|costs?|fees?)\b.*"
    r"|\b(?:unamortized|unamortised|less:?)\b.*\b(?:discounts?|premiums?|costs?|fees?)\b"
    r"|^(?:original\s+issue\s+)?discounts?(?:\s+on\b.*)?$"
    r"|^(?:(?:original\s+issue|debt|notes?(?:\s+payable)?|loans?)\s+)?(?:discounts?\b|(?:deferred\s+)?(?:debt\s+|loans?\s+)?(?:issuance|financing)\s+(?:costs?|fees?)\b(?!\s+payable))"
    r"|^deferred\s+(?:loans?|debt|notes?)\s+(?:costs?|fees?)\b",
    re.I,
)
_OTHER = re.compile(
    r"""\b(?:
      (?:accounts?|trade|bills?|vendors?|suppliers?|creditors?|construction|equipment|capital\s+expenditures?|inventory)\s+(?:and\s+other\s+)?(?:accounts?\s+)?payables?
    | payables?\s+(?:to|for)\s+(?:suppliers?|vendors?|customers?|employees?|brokers?|clearing|merchants?|members?|players?|users?|clients?|royalt\w+|goods|services|purchases?\s+of\s+(?:equipment|property|miners?))
    | (?:trade|other|sundry)\s+(?:and\s+other\s+|&\s+other\s+)?(?:payables?|creditors?) | payables?\s+and\s+accru\w+
    | (?:trade|other)\s+(?:current\s+|non[-\s]?current\s+|long[-\s]?term\s+)?liabilit(?:y|ies)
    | accru(?:ed|als?)\b (?!.*\bunder\b) | accrued\s+\w+
    | (?:income|deferred|current|payroll|sales|excise|property|withholding|franchise|value[-\s]added|other|accrued|corporate|corporation|non[-\s]income)\s+(?:income\s+)?tax(?:es|ation)? | tax(?:es|ation)?\s+(?:payables?|liabilit(?:y|ies)|provisions?|receivable\s+agreement)
    | taxes | uncertain\s+tax\w*(?:\s+positions?)? | unrecognized\s+tax\s+benefits?
    | deferred\s+(?:revenues?|income|compensation|rents?|underwrit\w+(?:['’]s?)?|advisory|legal|consideration|considerations|purchase\s+consideration|subscription\w*|credits?|grants?|gains?|contract\w*|offering\s+costs?|(?:government\s+)?grants?)
    | unearned | advance\s+payments? | (?:contract|customer|client|user|member|player)s?\W*\s*(?:s[’'])?\s*(?:liabilit(?:y|ies)|deposits?|advances?|prepayments?|funds?|credits?|custod\w+|account\w*|obligations?|(?<!contract\s)(?<!contracts\s)payables?|refunds?|rewards?)
    | (?:advances?|prepayments?|deposits?|receipts?\s+in\s+advance)\s+from\s+(?:customers?|clients?|buyers?) | billings\s+in\s+excess | gift\s+cards?
    | safeguard\w+ | collateral\s+(?:payables?|due\s+to|held|received) | (?:liabilit(?:y|ies)|due|owed|obligations?|payables?)\s+to\s+(?:customers?|clients?|users?|members?|merchants?) | (?:held|received)\s+(?:for|from|on\s+behalf\s+of)\s+(?:customers?|clients?|users?) | custod(?:y|ial)\s+\w*\s*(?:funds?|liabilit\w+|obligations?) | crypto\s+asset\s+(?:safeguarding|custodial)\s+\w+
    | (?:power|electricity|energy|utilit(?:y|ies)|natural\s+gas|fuel|professional\s+fees|credit\s+cards?)\s+payables? | payables?\s+for\s+(?:bitcoin|digital\s+assets?|crypto\w*)\s+(?:purchases?|trades?) | regulatory\s+liabilit\w+ | unclaimed\s+property
    | employee\w* | payroll | salar(?:y|ies) | wages? | compensation | bonus(?:es)? | benefits? | pensions? | retirement | post[-\s]?retirement | post[-\s]?employment | severance | stock[-\s]based | share[-\s]based
    | derivatives? | warrants? | embedded\s+\w+ | conversion\s+(?:features?|options?) | contingent\s+\w+ | earn[-\s]?outs? | (?:put|call)\s+(?:options?|liabilit(?:y|ies)) | equity\s+line | standby\s+equity\s+purchase | over[-\s]?allotment | non[-\s]?redemption\s+agreements? | redemptions?\s+payable | forward\s+purchase\s+(?:agreements?|units?|contracts?) | make[-\s]whole
    | (?:asset\s+)?retirement\s+obligations? | reclamation | decommissioning | rehabilitation | environmental | restoration | remediation
    | provisions? | litigation | legal | arbitration | settlements? | reserves? | contingenc(?:y|ies) | commitments? | restructuring | warrant(?:y|ies) | insurance\s+(?:claims?|contracts?|payables?|reserves?|liabilit\w+|recover\w+) | self[-\s]insur\w+ | claims | losses
    | refunds? | rebates? | (?<!\bto\s)returns?(?!\s+swaps?\b) | (?:interest(?:\s+rate)?|currency)\s+swaps? | (?<!future\s)royalt(?:y|ies) | rewards? | loyalty | points
    | discontinued\s+operations? | held[-\s]for[-\s]sale | disposal\s+groups?
    | dividends? | distributions?\s+payable | interest\s+payable | accrued\s+interest
    | due\s+to\s+(?:an?\s+)?(?:related|affiliate\w*|officers?|directors?|customers?|brokers?|employees?|sponsors?|clients?)
    | amounts?\s+due\s+to\s+(?:related|affiliate\w*|directors?|customers?|joint\s+venture\w*)
    | (?:amounts?\s+)?(?:owed|payables?)\s+to\s+(?:related|affiliate\w*)
    | related\s+part(?:y|ies)\s+payables? | ^payables?\s*[-–,]?\s*(?:to\s+)?(?:related\s+part(?:y|ies)|affiliate\w*|officers?|directors?)
    | (?:purchase|acquisition|business\s+combination|deferred\s+purchase)\s+(?:price\s+|consideration\s+)?(?:payables?|holdbacks?|consideration) | consideration\s+payable | holdbacks?
    | SAFEs?(?:\s+notes?)? | simple\s+agreements?\s+for\s+future\s+equity | unsettled\s+trades? | payables?\s+to\s+(?:exchanges?|trading\s+partners?) | payables?\s+for\s+(?:digital|crypto)\s+assets?\s+purchased
    | underwrit\w+ | subscriptions? | shares?\s+to\s+be\s+issued | to\s+issue\s+(?:common\s+)?(?:shares?|stock) | unissued\s+(?:common\s+)?(?:shares?|stock) | (?:common\s+)?stock\s+(?:payable|to\s+be\s+issued|repurchases?) | share\s+repurchases?\s+\w+ | escrow | unvested
    | government\s+(?:remittances?|grants?) | remittances? | security\s+deposits? | deposits?
    | outstanding\s+checks | hosting\s+\w+ | franchise\s+\w+ | program(?:ming)?\s+(?:rights|obligations?) | content\s+liabilit\w+
    | (?:operating|finance|financing|capital)\s+leases? | leases? | right[-\s]of[-\s]use | ROU | rent
    | purchase\s+(?:commitments?|obligations?) | guarantees? | unfunded\s+\w+
    )\b""",
    re.I | re.X,
)
# a bare remainder that accountants print: nothing is lent under such a name
_REMAINDER = re.compile(
    r"^(?:all\s+)?other(?:\s+(?:current|non[-\s]?current|long[-\s]?term|short[-\s]?term|accrued|financial))*\s*(?:liabilit(?:y|ies)|payables?)?(?:,?\s+(?:net|current|non[-\s]?current|long[-\s]?term))*$"
    r"|^(?:payables?|liabilities)$",
    re.I,
)
_LENT = re.compile(
    r"\b(?:borrow\w*|loan\w*|lent|lend\w*)\b", re.I
)  # what a liability is for, or to whom: debt by its nature
_FINANCIAL = re.compile(
    r"\bfinancial\s+liabilit|\bmargin\b(?!\s+deposits?)", re.I
)  # of IFRS, and owed to a broker: may be borrowings
_NOT_LENT = re.compile(r"\b(?:derivative|warrant|lease|contingent)", re.I)
_JOINED = re.compile(r"\b(?:and|including|plus|with(?:out)?|exclud\w+)\b|[&,/;]", re.I)
_ABOUT_DEBT = (  # what has to do with a debt and is none: before the word of debt, and behind it
    re.compile(
        r"\b(?:purchase\s+of|(?:premiums?|losses|escrows?)\s+(?:on|for)|to\s+repurchase|(?:payable|reserve|provision|liabilit(?:y|ies))\s+(?:for|on)|guarant(?:ee|y)\s+(?:of|on)|(?:penalt(?:y|ies)|settlement|extinguishment|conversion|repurchase|redemption)"
        r"\s+(?:liabilit(?:y|ies)\s+)?(?:of|on|for)|issuable|unissued|to\s+be\s+issued|stock\s+payable|deferred\s+(?:tax|gain|revenue|income|grant)\w*|deferred\s+government)\b",
        re.I,
    ),
    re.compile(
        r"\s*(?:[-–—]\s*)?(?:(?!at\b|net\b)\w+\s+)?(?:fees?|costs?|guarant(?:ees?|y)|commitments?|extinguishment|settlements?|restructuring|servicing|service|escrow|conversion|repurchase|participation|penalt(?:y|ies)|reserves?|tax(?:es)?|interest)\b",
        re.I,
    ),
)
_OTHER_TOO = re.compile(
    r"(?:\band|&)\s+other\b(?!\s+(?:\w+[-\s]){0,2}(?:borrowing|debt|loan|note|financing|indebted|bond))", re.I
)
_OWED_TOO = re.compile(
    r"(?:\band|&)\s+(?:amounts?\s+)?due\s+to\b|\bdue\s+to\b[^,;]*(?:\band\b|&)", re.I
)  # besides the debt
_AND = re.compile(r"\band\b|&", re.I)
_ONLY_SAYS_MORE = re.compile(
    r"(?:[\s,;:/.()'-]|\b(?:trade|other|accrued|current|non|long|short|term|deferred|related|related\s+part(?:y|ies)|expenses?|liabilit(?:y|ies)|payables?|obligations?"
    r"|net|portion|of|the|to|for|in|accounts?|amounts?|due|less|income|operating|finance|general|development|costs?|charges?|fees?|services?|goods|sundry|miscellaneous"
    r"|matters|commissions?|incentives?|social\s+securit(?:y|ies)|prepayments?|received|directors?|officers?|affiliates?|unpaid|unbilled|advances?|credits?|consideration|contracts?|products?|sales|marketing|professional|interest|royalt(?:y|ies)|safety|health)\b)+",
    re.I,
)
_WHOSE = re.compile(  # what a line below a heading may say of its debt: of what term, kind and lender
    r"(?:[\s,;:/.()'%$&-]|\d|\b(?:due|in|on|to|of|the|and|with|at|from|net|portion|current|non|long|short|term|within|after|one|year|months?|maturing|maturity|less|total|fixed|variable|rate|floating"
    r"|related|third|part(?:y|ies)|others?|affiliates?|officers?|directors?|shareholders?|stockholders?|banks?|lenders?|holders?|investors?|senior|junior|subordinated|secured|unsecured|convertible"
    r"|exchangeable|promissory|series|class|fair|value|amorti[sz]ed|cost|carried|unamorti[sz]ed|discounts?|issuance|costs|principal|(?:january|february|march|april|may|june|july|august|september|october"
    r"|november|december)|respectively|[a-z])\b)+",
    re.I,
)
_OF_LEASES = re.compile(r"(?:operating|finance|capital)?\s*leases?(?:\s+(?:liabilit(?:y|ies)|obligations?))?\W*", re.I)
_INTEREST_TOO = re.compile(
    r"\b(?:including|includes|and|with|plus)\s+(?:the\s+)?(?:related\s+)?(?:accrued|interest)", re.I
)
_NET_OF = re.compile(
    r"\b(?:net|less|after)\s+of\b.*|\bnet\s+(?:debt|unamorti[sz]ed|discount|deferred)\b.*|\bless\s+(?:current|unamorti[sz]ed)\b.*",
    re.I,
)


def liability(label: str, heading: str = "") -> Kind:
    """The kind of a row among the liabilities; `heading` is the line without a number it stands under, where there is one."""
    words = plain_label(label)
    kind = _kind(words)
    if not heading or not _WHOSE.fullmatch(words):
        return kind
    above = _kind(plain_label(heading))
    if kind is Kind.UNKNOWN and (above is Kind.DEBT or _OF_LEASES.fullmatch(heading)):
        return above  # "Convertible notes:" and below it "due 2030", "related party"; "Operating leases:" and "current"
    if above is Kind.DEBT and _REMAINDER.search(words):
        return Kind.UNKNOWN  # "Other" below it may be other notes
    return kind


def plain_label(label: str) -> str:
    """A label without references to notes of the accounts, and with one space for each run of white space."""
    return " ".join(_REFERENCE.sub(" ", label.translate(_PRINTED_AS)).split()).strip(" :;,.*-–—")


def _kind(words: str) -> Kind:
    if _CONTRA.search(words) and not _DEBT.search(_CONTRA.sub("", words)):
        return Kind.CONTRA
    main = _NET_OF.sub("", _PARENTHESES.sub(" ", words)).strip(" ,;:-–—") or words
    debt = _DEBT.search(main)
    if debt is not None:
        return _beside_debt(main, debt)
    if _LENT.search(main) or (_FINANCIAL.search(main) and not _NOT_LENT.search(main)):
        return Kind.UNKNOWN
    if not (_OTHER.search(main) or _REMAINDER.search(main)):
        return Kind.UNKNOWN
    if (inside := _INCLUDED.search(words)) and _DEBT.search(inside["what"]) and "recourse" not in inside["what"]:
        return Kind.MIXED  # "Other liabilities (including loans of a shareholder)"
    strangers = [part for part in _AND.split(main) if not _known_part(part)]
    return Kind.UNKNOWN if strangers else Kind.OTHER  # "finance leases and" what nobody knows may be debt


def _known_part(part: str) -> bool:
    """Whether one of several things in a line is a liability we know, or only says more about the other."""
    return bool(_OTHER.search(part) or _REMAINDER.search(part.strip()) or _ONLY_SAYS_MORE.fullmatch(part))


def _beside_debt(main: str, debt: re.Match[str]) -> Kind:
    """What a label that has a word of debt says with its other words."""
    rest = _DEBT.sub(" ", main)
    if veto := _NO_BORROWING.search(main):
        interest = main.lower().find("interest")
        if _INTEREST_TOO.search(main) and debt.start() < interest:
            return Kind.DEBT  # "Notes payable and accrued interest": with its interest
        between = main[veto.end() : debt.start()] if veto.end() <= debt.start() else main[debt.end() : veto.start()]
        return Kind.MIXED if _JOINED.search(between) else Kind.OTHER
    if _LEASE.search(rest):
        if not _JOINED.search(main):
            return Kind.OTHER
        return Kind.MIXED if re.search(r"\boperating\b", main, re.I) else Kind.DEBT_AND_LEASES
    if _JOINED.search(main):
        return Kind.MIXED if _OTHER_TOO.search(main) or not _of_one_thing(main) else Kind.DEBT
    before, behind = _ABOUT_DEBT
    if before.search(main, 0, debt.start()) or behind.match(main, debt.end()):
        return Kind.UNKNOWN  # "Loan guarantee liability", "Shares issuable on conversion of notes"
    return Kind.DEBT


def _of_one_thing(words: str) -> bool:
    """Whether what stands beside the debt only says whose or of what term it is: "Notes payable, related party, current"."""
    if _OWED_TOO.search(words):
        return False
    rest = re.sub(
        r"\b(?:related\s+part(?:y|ies)|affiliates?|officers?|directors?|stockholders?|shareholders?|employees?)\b",
        " ",
        words,
        flags=re.I,
    )
    return not _OTHER.search(_DEBT.sub(" ", rest))
