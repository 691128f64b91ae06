"""A Postfix of its own on loopback: relays to one port, and hands what comes back to a Maildir or to LMTP. Wants root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import wait_until

# The package's own folder of programs; its commands are not on everybody's PATH.
POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
NOBODY = 65534

MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.com
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
smtp_host_lookup = native
default_transport = smtp:[127.0.0.1]:{world}
transport_maps = inline:{{ {{lmtp.example.org = lmtp:inet:127.0.0.1:{lmtp}}} }}
virtual_mailbox_domains = box.example.org
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
# One try, as after the days that it would go on for.
maximal_queue_lifetime = 0
bounce_queue_lifetime = 1d
minimal_backoff_time = 1s
queue_run_delay = 1s
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def relay(folder: Path, *, world: int, lmtp: int) -> Iterator[int]:
    """The port of a running relay, which delivers everything to the port ``world``, and bounces to ``folder``/box and ``lmtp``."""
    assert POSTFIX is not None
    port, conf = free_port(), folder / "conf"
    for name in ("conf", "queue", "data", "box"):
        (folder / name).mkdir(mode=0o755)
    for one in (folder, *folder.parents):
        if one.stat().st_uid == os.getuid() and one.is_relative_to("/tmp"):
            one.chmod(one.stat().st_mode | 0o011)
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "box", NOBODY, NOBODY)
    (conf / "main.cf").write_text(MAIN.format(folder=folder, world=world, lmtp=lmtp))
    (conf / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{port}"))
    subprocess.run([POSTFIX, "-c", str(conf), "start"], check=True, capture_output=True, timeout=60)
    try:
        wait_until(lambda: _listens(port))
        yield port
    finally:
        subprocess.run([POSTFIX, "-c", str(conf), "abort"], check=False, capture_output=True, timeout=60)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
