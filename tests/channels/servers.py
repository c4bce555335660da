"""A real IMAP server (Dovecot) and a real SMTP server (Postfix) of the tests' own, where they are installed.

Each has its folder, its ports and its users; Postfix hands what it takes to Dovecot by LMTP, so that a mail
goes the way it goes in life: SMTP, queue, mailbox, IMAP.
"""

import contextlib
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PASSWORD = "a-secret-of-the-tests"
USERS = ("desk", "rita", "carla", "charlie", "alice", "bob")
DOVECOT = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{root}/mail/%n
mail_fsync = never
recipient_delimiter = +
auth_username_format = %n
imap_max_line_length = 1M
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = passwd-file
  args = {root}/users
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service imap {{
  process_limit = 20
}}
"""
POSTFIX = """
compatibility_level = 3.6
queue_directory = {root}/postfix/queue
data_directory = {root}/postfix/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix/log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.example.net
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.net, example.org
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:no mail leaves this machine
smtpd_recipient_restrictions = permit_mynetworks, reject
message_size_limit = 60000000
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
lmtp unix - - n - - lmtp
error unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Why the servers cannot be started here; "" if they can."""
    if os.getuid() != 0:
        return "Dovecot and Postfix are started as root only"
    programs = [
        p for p in ("dovecot", "postfix") if not shutil.which(p, path=f"{os.environ['PATH']}:/usr/sbin")
    ]
    if programs:
        return f"not installed: {', '.join(programs)} (Debian: dovecot-imapd dovecot-lmtpd postfix)"
    if not Path("/usr/lib/dovecot/lmtp").exists():
        return "not installed: dovecot-lmtpd"
    return ""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Servers:
    """Both servers, started. ``imap`` and ``smtp`` are their ports on 127.0.0.1."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.imap, self.lmtp, self.smtp = free_port(), free_port(), free_port()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        nobody = pwd.getpwnam("nobody")
        root = self.root
        for parent in (root, *root.parents):  # their own users must get in
            if parent.stat().st_uid == os.getuid() and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o711)
        for folder in ("run", "state", "mail", "postfix/conf", "postfix/queue", "postfix/data"):
            (root / folder).mkdir(parents=True)
        os.chown(root / "mail", nobody.pw_uid, nobody.pw_gid)
        shutil.chown(root / "postfix/data", "postfix")
        line = "{user}:{{PLAIN}}{password}:{uid}:{gid}::{root}/mail/{user}::\n"
        (root / "users").write_text(
            "".join(
                line.format(user=u, password=PASSWORD, uid=nobody.pw_uid, gid=nobody.pw_gid, root=root)
                for u in USERS
            )
        )
        (root / "users").chmod(0o644)
        ports = {"root": root, "imap": self.imap, "lmtp": self.lmtp, "smtp": self.smtp}
        (root / "dovecot.conf").write_text(DOVECOT.format(**ports))
        (root / "postfix/conf/main.cf").write_text(POSTFIX.format(**ports))
        (root / "postfix/conf/master.cf").write_text(MASTER.format(**ports))
        self._run("dovecot", "-F", "-c", str(root / "dovecot.conf"))
        self._run("postfix", "-c", str(root / "postfix/conf"), "start-fg")
        for port in (self.imap, self.lmtp, self.smtp):
            self._wait_for(port)

    def _run(self, *command: str) -> None:
        out = (self.root / f"{command[0]}.out").open("wb")
        env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        self.processes.append(
            subprocess.Popen(command, stdout=out, stderr=out, env=env, start_new_session=True)
        )

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.05)
        said = [p.read_text(errors="replace")[-2000:] for p in self.root.glob("*.out")]
        raise RuntimeError(f"no mail server on port {port}: {said}")

    def stop(self) -> None:
        # its start-fg is a script that waits for the master; only its own stop reaches that one
        env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        command = ["postfix", "-c", str(self.root / "postfix/conf"), "stop"]
        subprocess.run(command, env=env, check=False, capture_output=True, timeout=30)
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    # --- looking in and putting in ---------------------------------------------------------------

    @contextlib.contextmanager
    def login(self, user: str, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        box = imaplib.IMAP4("127.0.0.1", self.imap, timeout=20)
        box.login(user, PASSWORD)
        box.select(folder)
        try:
            yield box
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                box.logout()

    def put(self, user: str, raws: list[bytes]) -> None:
        """Lay mails into a mailbox as they are."""
        with self.login(user) as box:
            for raw in raws:
                kind, said = box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw)
                assert kind == "OK", said

    def contents(self, user: str, folder: str = "INBOX") -> dict[int, bytes]:
        """Every mail in a mailbox, by UID, without touching it."""
        found: dict[int, bytes] = {}
        with self.login(user, folder) as box:
            uids = box.uid("SEARCH", "ALL")[1][0].split()
            for start in range(0, len(uids), 100):
                part = b",".join(uids[start : start + 100]).decode()
                _kind, data = box.uid("FETCH", part, "(UID BODY.PEEK[])")
                for item in data:
                    if isinstance(item, tuple):
                        found[int(item[0].split(b"UID ")[1].split()[0])] = item[1]
        return found

    def empty(self, user: str) -> None:
        with self.login(user) as box:
            if box.uid("SEARCH", "ALL")[1][0]:
                box.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
                box.expunge()

    def wait(self, user: str, count: int, *, seconds: float = 20) -> list[bytes]:
        """The mails of a mailbox as soon as there are so many."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.contents(user)
            if len(found) >= count:
                return [found[uid] for uid in sorted(found)]
            time.sleep(0.1)
        log = self.root / "postfix/log"
        raise AssertionError(
            f"only {len(self.contents(user))} mails: {log.read_text()[-2000:] if log.exists() else ''}"
        )
