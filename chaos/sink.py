"""A mail server on loopback whose journal is the only witness: a line is on the disk before the 250 leaves.

As a process, `python -m chaos.sink JOURNAL PORTFILE`, it is obliging; inside of a scenario a script makes it misbehave.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

DROP, TAKE_AND_DROP, GARBAGE, SILENCE = "DROP", "TAKE AND DROP", "GARBAGE", "SILENCE"
# (step, argument) -> what is said instead of yes; None for yes. Steps: connect ehlo mail rcpt data dot.
Script = Callable[[str, str], str | None]
SILENT_SECONDS = 3600


def obliging(_step: str, _argument: str) -> str | None:
    """The script of a server without faults."""
    return None


class Journal:
    """Lines of what was taken; those that wait are written and synced together."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._busy = False

    async def keep(self, line: dict[str, object]) -> None:
        """Returns once ``line`` is on the disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((json.dumps(line).encode() + b"\n", done))
        if not self._busy:
            self._busy = True
            try:
                while self._waiting:
                    batch, self._waiting = self._waiting, []
                    await asyncio.to_thread(self._write, b"".join(data for data, _ in batch))
                    for _, one in batch:
                        one.set_result(None)
            finally:
                self._busy = False
        await done

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()
        os.fdatasync(self._file.fileno())


class Sink:
    """`with Sink(journal, script) as sink:` serves on ``sink.port`` in a thread of its own."""

    def __init__(self, journal: Path, script: Script = obliging) -> None:
        self.script, self.port = script, 0
        self._journal = Journal(journal)
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()

    def __enter__(self) -> Sink:
        threading.Thread(target=self._run, daemon=True).start()
        self._listening.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _run(self) -> None:
        self._loop.run_until_complete(self.listen())
        self._listening.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def listen(self) -> None:
        """Opens the port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=200)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = recipient = ""
        if not await self._answer(writer, "connect", "", "220 sink ESMTP"):
            return
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            verb, _, argument = line.partition(" ")
            verb, address = verb.upper(), argument.partition("<")[2].partition(">")[0]
            if verb in ("EHLO", "HELO"):
                going = await self._answer(writer, "ehlo", argument, "250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == "MAIL":
                sender, going = address, await self._answer(writer, "mail", address, "250 2.1.0 ok")
            elif verb == "RCPT":
                recipient, going = address, await self._answer(writer, "rcpt", address, "250 2.1.5 ok")
            elif verb == "DATA":
                going = await self._take(reader, writer, sender, recipient)
            else:
                going = await self._say(writer, "221 2.0.0 bye" if verb == "QUIT" else "250 2.0.0 ok") and verb != "QUIT"
            if not going:
                return

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sender: str, recipient: str) -> bool:
        said = self.script("data", recipient)
        if said is not None:
            return await self._misbehave(writer, said)
        await self._say(writer, "354 go on")
        data = await reader.readuntil(b"\r\n.\r\n")
        said = self.script("dot", recipient)
        if said is None or said == TAKE_AND_DROP:
            head = data.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode("ascii", "replace")
            names = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in head.split("\r\n"))}
            line = {"at": time.time(), "recipient": recipient, "sender": sender, "message_id": names.get("message-id", "")}
            await self._journal.keep(line)
        return await (self._say(writer, "250 2.0.0 taken") if said is None else self._misbehave(writer, said))

    async def _answer(self, writer: asyncio.StreamWriter, step: str, argument: str, yes: str) -> bool:
        said = self.script(step, argument)
        return await (self._say(writer, yes) if said is None else self._misbehave(writer, said))

    async def _misbehave(self, writer: asyncio.StreamWriter, said: str) -> bool:
        if said in (DROP, TAKE_AND_DROP):
            return False
        if said == SILENCE:
            await asyncio.sleep(SILENT_SECONDS)
        await self._say(writer, "what?" if said == GARBAGE else said)
        return not said.startswith("421")

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> bool:
        writer.write(text.encode() + b"\r\n")
        await writer.drain()
        return True


async def _main(journal: Path, port_file: Path) -> None:
    sink = Sink(journal)
    await sink.listen()
    draft = port_file.with_suffix(".new")
    draft.write_text(str(sink.port))
    draft.replace(port_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), Path(sys.argv[2])))
