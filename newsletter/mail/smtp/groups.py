"""A group of messages on its way: all are brought up to their final dot side by side, then come the dots, then the answers.

The dot is the line that ends a message in SMTP: once it is sent the server may have taken the mail, whatever follows. So which
dots may be sent is decided between the two steps, by whoever holds the ledger; this part knows connections and replies only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from newsletter import failpoints
from newsletter.errors import TemporaryError
from newsletter.mail.deliveries import Delivery
from newsletter.mail.smtp.client import SILENT
from newsletter.mail.smtp.connections import Connections
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.mail.smtp.transaction import Connection
from newsletter.values.mail import Message

Sendable = tuple[Delivery, Message]
Answered = tuple[Delivery, Reply]


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a message did not come up to its dot; ``unconnected`` where there was no connection for it at all."""

    reply: Reply
    unconnected: bool = False


NOT_HELD = Reply(Stage.DATA, 0, "the lease ran out before the dot")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Messages that want nothing but their dots, and those that were refused."""

    ready: tuple[tuple[Delivery, Connection], ...]
    refused: tuple[Answered, ...]

    @property
    def ids(self) -> list[int]:
        return [delivery.id for delivery, _ in self.ready]

    def break_off(self, but: Collection[int]) -> int:
        """Drops the messages other than ``but`` before their dot; gives how many."""
        dropped = [connection for delivery, connection in self.ready if delivery.id not in but]
        for connection in dropped:
            connection.abort()
        return len(dropped)


class Groups:
    """Sends groups over ``connections``; ``width`` is how many go side by side, fewer once a relay gives fewer."""

    def __init__(self, connections: Connections, *, width: int) -> None:
        self._connections, self.width = connections, width

    def prepare(self, group: Sequence[Sendable], *, waiting: deque[Sendable]) -> Prepared:
        """Brings ``group`` up to the dots.

        Messages that find no connection free, while others of the group found one, go back to ``waiting`` untried; so do
        those whose server fell silent before they had their dot.
        """
        ready: list[tuple[Sendable, Connection]] = []
        refused: list[Answered] = []
        for slot, (_, message) in enumerate(group):
            self._connections.begin(slot, message)
        for slot, (delivery, message) in enumerate(group):
            prepared = self._prepare(slot, message)
            if isinstance(prepared, Connection):
                ready.append(((delivery, message), prepared))
            elif prepared.unconnected and slot and self._connections.any_open:
                # Many relays allow a few connections of one client: go on with those that there are.
                self.width = slot
                waiting.extendleft(reversed(group[slot:]))
                break
            else:
                refused.append((delivery, prepared.reply))
        self._connections.drop_begun()
        waiting.extendleft(sendable for sendable, connection in reversed(ready) if not connection.open)
        kept = tuple((delivery, connection) for (delivery, _), connection in ready if connection.open)
        return Prepared(kept, tuple(refused))

    def finish(self, prepared: Prepared, dots: Collection[int], *, held: Callable[[], bool]) -> list[Answered]:
        """Sends the ``dots`` one after the other while ``held`` is true, and waits for all answers."""
        answered: list[Answered] = []
        waiting: list[tuple[Delivery, Connection]] = []
        for delivery, connection in prepared.ready:
            if delivery.id not in dots:
                continue
            failpoints.reach("before_dot")
            if not held():
                connection.abort()
                answered.append((delivery, NOT_HELD))
            elif trouble := connection.send_dot():
                answered.append((delivery, trouble))
            else:
                failpoints.reach("after_dot")
                waiting.append((delivery, connection))
        answered.extend((delivery, connection.read_answer()) for delivery, connection in waiting)
        failpoints.reach("after_250")
        return answered

    def _prepare(self, slot: int, message: Message) -> Connection | _Refused:
        try:
            connection = self._connections.take(slot)
        except TemporaryError as error:
            return _Refused(Reply(Stage.CONNECT, 0, str(error)), unconnected=True)
        refusal = connection.prepare(message)
        if refusal is None:
            return connection
        return self._prepare_anew(slot, message, refusal) if self._another_way(slot, refusal) else _Refused(refusal)

    def _another_way(self, slot: int, refusal: Reply) -> bool:
        """True where a fresh connection is due at once: the relay has had enough of this one, or has fallen silent on it."""
        return refusal.code == 421 or (refusal.text == SILENT and self._connections.rest(slot))

    def _prepare_anew(self, slot: int, message: Message, refusal: Reply) -> Connection | _Refused:
        try:
            connection = self._connections.take(slot)
        except TemporaryError:
            return _Refused(refusal, unconnected=True)
        again = connection.prepare(message)
        return connection if again is None else _Refused(again)
