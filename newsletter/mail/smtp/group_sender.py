"""Sends a group of messages side by side: each is brought up to its final dot, then the dots leave, then the answers are read.

Knows connections and replies, and nothing of the ledger: which dots may be sent is decided by the caller between the two steps.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from newsletter import failpoints
from newsletter.errors import TemporaryError
from newsletter.mail.deliveries import Delivery
from newsletter.mail.smtp.client import NO_ANSWER_IN_TIME, ConnectionRefused
from newsletter.mail.smtp.connections import Connections
from newsletter.mail.smtp.replies import Reply, Stage
from newsletter.mail.smtp.transaction import Connection
from newsletter.values.mail import Message

DeliveryMessage = tuple[Delivery, Message]
DeliveryReply = tuple[Delivery, Reply]

LEASE_RAN_OUT = Reply(Stage.DATA, 0, "the lease ran out before the dot")
NO_CONNECTION = Reply(Stage.CONNECT, 0, "no connection")


@dataclass(frozen=True, slots=True)
class PreparedGroup:
    """``ready`` are messages that lack nothing but their final dot; ``refused`` are the others, with the server's reply."""

    ready: tuple[tuple[Delivery, Connection], ...]
    refused: tuple[DeliveryReply, ...]

    @property
    def ids(self) -> list[int]:
        """The ids of the deliveries that are ready."""
        return [delivery.id for delivery, _ in self.ready]

    def abort_others(self, keep: Collection[int]) -> int:
        """Aborts the ready messages whose delivery is not in ``keep``, before their dot; gives how many."""
        dropped = [connection for delivery, connection in self.ready if delivery.id not in keep]
        for connection in dropped:
            connection.abort()
        return len(dropped)


class GroupSender:
    """Sends groups over ``connections``; ``width`` is how many messages go side by side, fewer once a relay gives fewer."""

    def __init__(self, connections: Connections, *, width: int) -> None:
        self._connections, self.width = connections, width

    def prepare(self, group: Sequence[DeliveryMessage], *, waiting: deque[DeliveryMessage]) -> PreparedGroup:
        """Brings ``group`` up to the dots.

        Messages that find no connection free, while others of the group found one, go back to the front of ``waiting`` untried;
        so do those whose connection was closed before they had their dot, because their server fell silent.
        """
        ready: list[tuple[DeliveryMessage, Connection]] = []
        refused: list[DeliveryReply] = []
        for slot, (_, message) in enumerate(group):
            self._connections.pipeline(slot, message)
        for slot, (delivery, message) in enumerate(group):
            connection, refusal = self._prepare(slot, message)
            if connection is None and slot and self._connections.any_open:
                # Many relays allow a few connections of one client: go on with those that there are.
                self.width = slot
                waiting.extendleft(reversed(group[slot:]))
                break
            if connection is None or refusal is not None:
                refused.append((delivery, refusal or NO_CONNECTION))
            else:
                ready.append(((delivery, message), connection))
        self._connections.drop_pipelined()
        return PreparedGroup(_still_open(ready, waiting), tuple(refused))

    def send_dots(self, prepared: PreparedGroup, dots: Collection[int], *, held: Callable[[], bool]) -> list[DeliveryReply]:
        """Sends the final dots of the deliveries ``dots`` while the lease is ``held``, and waits for all answers."""
        replies: list[DeliveryReply] = []
        unanswered: list[tuple[Delivery, Connection]] = []
        for delivery, connection in prepared.ready:
            if delivery.id not in dots:
                continue
            failpoints.reach("before_dot")
            if not held():
                connection.abort()
                replies.append((delivery, LEASE_RAN_OUT))
            elif failure := connection.send_dot():
                replies.append((delivery, failure))
            else:
                failpoints.reach("after_dot")
                unanswered.append((delivery, connection))
        replies.extend((delivery, connection.read_answer()) for delivery, connection in unanswered)
        failpoints.reach("after_250")
        return replies

    def _prepare(self, slot: int, message: Message) -> tuple[Connection | None, Reply | None]:
        try:
            connection = self._connections.take(slot)
        except TemporaryError as error:
            return None, Reply(Stage.CONNECT, error.code if isinstance(error, ConnectionRefused) else 0, str(error))
        refusal = connection.prepare(message)
        if refusal is not None and self._calls_for_a_new_connection(slot, refusal):
            return self._prepare_on_new_connection(slot, message, refusal)
        return connection, refusal

    def _calls_for_a_new_connection(self, slot: int, refusal: Reply) -> bool:
        """True where the relay has had enough of this connection (421), or fell silent on it and there is another server."""
        return refusal.code == 421 or (refusal.text == NO_ANSWER_IN_TIME and self._connections.pause_server(slot))

    def _prepare_on_new_connection(self, slot: int, message: Message, refusal: Reply) -> tuple[Connection | None, Reply | None]:
        try:
            connection = self._connections.take(slot)
        except TemporaryError:
            return None, refusal
        return connection, connection.prepare(message)


def _still_open(
    ready: Sequence[tuple[DeliveryMessage, Connection]], waiting: deque[DeliveryMessage]
) -> tuple[tuple[Delivery, Connection], ...]:
    """The ready messages whose connection is open; the others go back to the front of ``waiting``, in their order.

    A connection can be closed after its message was prepared: when the server falls silent on another one.
    """
    waiting.extendleft(pair for pair, connection in reversed(ready) if not connection.open)
    return tuple((delivery, connection) for (delivery, _), connection in ready if connection.open)
