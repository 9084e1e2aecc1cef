"""Records of a journal that the web part under test reads."""

import subprocess
import time
import uuid
from pathlib import Path

BOOT = uuid.uuid4().hex


def write_journal(folder: Path, part: str, *messages: str, priority: int = 6) -> None:
    """Appends what a part says, in the export format of the journal."""
    records = ""
    for message in messages:
        now = time.time_ns() // 1000
        records += (f"__REALTIME_TIMESTAMP={now}\n__MONOTONIC_TIMESTAMP={time.monotonic_ns() // 1000}\n_BOOT_ID={BOOT}\n"
                    f"SYSLOG_IDENTIFIER=stinky-{part}\nSTINKY_PART={part}\nPRIORITY={priority}\nMESSAGE={message}\n\n")
    subprocess.run(["/lib/systemd/systemd-journal-remote", f"--output={folder}/test.journal", "-"], input=records, text=True,
                   stderr=subprocess.PIPE, check=True)
