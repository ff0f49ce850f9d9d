"""What is written down of a simulated conversation: its steps, and the world around each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graph.state import Reply
from tools.business.shop import Order
from tools.desk.records import LoggedTurn
from tools.search.types import Entry


@dataclass
class World:
    """What the shop and the desk say between two steps."""

    orders: dict[str, Order] = field(default_factory=dict)  # of this customer, by number
    stops: list[str] = field(default_factory=list)  # of their parcels
    owner: str = "bot"  # the conversation's, as the desk's list has it
    ticket_id: str = ""  # the conversation's unclosed ticket
    ticket_status: str = ""
    ticket_text: str = ""


@dataclass
class Turn:
    """One message and what came back."""

    said: str
    move: str
    ends: int  # last events
    shown: str  # what was streamed, after what was taken back
    text: str
    reply: Reply
    owner: str
    ticket_id: str
    saved: int  # replies to this message in the saved conversation
    log: list[LoggedTurn]  # lines about this message
    cited: dict[str, Entry | None]  # cited entries as the index has them


@dataclass
class Step:
    """Messages sent together, with the world before and after."""

    before: World
    after: World
    turns: list[Turn]


@dataclass(frozen=True)
class Facts:
    """What is known about the customer and the system."""

    today: str
    region: str = ""
    private: Sequence[str] = ()  # phone numbers and addresses, as stored or as written
    has_model: bool = False
    has_vectors: bool = True
