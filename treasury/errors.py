"""What can go wrong, as one small tree. Imports nothing, so that the command line starts fast."""


class MnavError(Exception):
    """Anything this project reports to its user in one line instead of a traceback."""


class FetchError(MnavError):
    """A source could not be asked, or did not answer."""


class ParseError(MnavError):
    """A document is not the page its parser knows."""


class DelistedError(ParseError):
    """A publisher no longer knows a symbol: not a change of its page, nothing to mend in the parser."""


class ImplausibleError(MnavError):
    """A value that cannot be true."""


class InputError(MnavError, ValueError):
    """Something the user gave is wrong; the message names the place and the remedy."""
