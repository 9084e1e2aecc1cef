"""Records of a journal that the web part under test reads."""

import subprocess
import time
import uuid
from pathlib import Path

BOOT = uuid.uuid4().hex


def write_journal(folder: Path, part: str, *messages: str, priority: int = 6, at: float | None = None) -> None:
    """Appends what a part says, at a time in seconds since 1970 or now."""
    write_records(folder, *({"SYSLOG_IDENTIFIER": f"stinky-{part}", "STINKY_PART": part, "PRIORITY": priority, "MESSAGE": message}
                            for message in messages), at=at)


def write_systemd(folder: Path, unit: str, *messages: str, priority: int = 6) -> None:
    """Appends what systemd says of a unit."""
    write_records(folder, *({"SYSLOG_IDENTIFIER": "systemd", "_PID": 1, "UNIT": unit, "PRIORITY": priority, "MESSAGE": message}
                            for message in messages))


def write_records(folder: Path, *records: dict, at: float | None = None) -> None:
    """In the export format of the journal."""
    text = ""
    for record in records:
        now = time.time_ns() // 1000 if at is None else int(at * 1e6)
        text += f"__REALTIME_TIMESTAMP={now}\n__MONOTONIC_TIMESTAMP={time.monotonic_ns() // 1000}\n_BOOT_ID={BOOT}\n"
        text += "".join(f"{name}={value}\n" for name, value in record.items()) + "\n"
    subprocess.run(["/lib/systemd/systemd-journal-remote", f"--output={folder}/test.journal", "-"], input=text, text=True,
                   stderr=subprocess.PIPE, check=True)
