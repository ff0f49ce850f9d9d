"""Every error Kefu raises on purpose.

KefuError
├── ConfigError             a setting, file or argument is wrong; the message says what to change
│   └── IndexMismatch       the index was built by another embedder; says the command that mends it
├── BadReply                the model answered something that is not the asked form
│   └── CutShort            its text was cut (most tokens, a filter), perhaps half way
├── BadEntry                one knowledge entry can't be used; carries file and line
├── EntryChanged            a knowledge entry is not any more what its editor saw
└── TransientError          worth another try, or a lower level of service
    ├── ModelUnavailable    no chat model, breaker open, timed out, or cut mid-stream
    ├── SearchUnavailable   no leg of the search answered
    ├── RerankUnavailable   no reranker; the search's own order stands
    ├── ShopUnavailable     a business system did not answer
    └── StoreUnavailable    desk or thread store locked, read-only or gone
"""


class KefuError(Exception):
    """Base of all errors raised on purpose; its text is for operators, never for customers."""


class ConfigError(KefuError):
    """A setting, file or argument is wrong."""


class IndexMismatch(ConfigError):
    """The index on disk was built by another embedder than the one configured."""


class BadReply(KefuError):
    """The model's answer does not have the asked form."""


class CutShort(BadReply):
    """The model's text was cut, mostly at its most tokens; its end may be half a sentence."""


class BadEntry(KefuError):
    """One knowledge entry is unusable.

    Attributes:
        place: `file:line` of the entry, or the file alone.
        reason: what was expected and what came.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class EntryChanged(KefuError):
    """Somebody else changed the entry meanwhile; look at it again before changing it."""


class TransientError(KefuError):
    """Worth another try, or a lower level of service."""


class ModelUnavailable(TransientError):
    """The chat model gave no complete answer."""


class SearchUnavailable(TransientError):
    """No leg of the search answered."""


class RerankUnavailable(TransientError):
    """The reranker gave no answer in time."""


class ShopUnavailable(TransientError):
    """A business system did not answer."""


class StoreUnavailable(TransientError):
    """The desk or thread store is locked, read-only or gone."""
