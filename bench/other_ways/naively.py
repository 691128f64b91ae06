"""`naively.py PORT COUNT PAPERS`: MJML compiled and an `EmailMessage` built for each reader.

Prints the seconds and the bytes of a mail. One process in a loop, over one connection that stays open: only the making of the
mails is naive.
"""

from __future__ import annotations

import json
import smtplib
import sys
import time
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path

from mjml import mjml_to_html

CARD = (
    '<mj-section><mj-column><mj-text font-size="18px"><a href="{url}">{title}</a></mj-text>'
    "<mj-text>{authors}<br/>{abstract}</mj-text></mj-column></mj-section>"
)


def main(port: int, count: int, papers: list[dict[str, str]]) -> tuple[float, int]:
    """Seconds for ``count`` mails, and the bytes of one."""
    size = len(_message("reader0@host0.example.org", papers).as_bytes(policy=SMTP))
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            server.send_message(_message(f"reader{number}@host{number % 50}.example.org", papers))
        return time.perf_counter() - started, size


def _message(to: str, papers: list[dict[str, str]]) -> EmailMessage:
    cards = "".join(CARD.format(**{name: escape(value) for name, value in paper.items()}) for paper in papers)
    head = f"<mj-section><mj-column><mj-text>Papers for {to}</mj-text></mj-column></mj-section>"
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Papers of the day", "bench@example.org", to
    message.set_content("\n\n".join(f"{paper['title']}\n{paper['abstract']}\n{paper['url']}" for paper in papers))
    message.add_alternative(mjml_to_html(f"<mjml><mj-body>{head}{cards}</mj-body></mjml>").html, subtype="html")
    return message


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[3]).read_text("utf-8"))
    seconds, size = main(int(sys.argv[1]), int(sys.argv[2]), given)
    sys.stdout.write(f"{seconds} {size}\n")
