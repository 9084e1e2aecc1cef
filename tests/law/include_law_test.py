"""Who may include whom: docs/architecture.md, "Include law"."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
HELPERS = sorted(p.name for p in (ROOT / "helpers").iterdir() if p.is_dir() and p.name != "common")
PARTS = sorted(p.name for p in (ROOT / "controller").iterdir() if p.is_dir())


def sources(folder: Path) -> list[Path]:
    return sorted([*folder.rglob("*.h"), *folder.rglob("*.cpp")])


def allowed(file: Path) -> set[str]:
    """The folders of ours that a file may include from."""
    inside = file.relative_to(ROOT).parts
    if inside[0] == "helpers":
        return {"common"} if inside[1] == "common" else {"common", inside[1]}
    if len(inside) == 2:  # main.cpp, session.cpp and web_backend.cpp know all
        return {"common", "session.h", "web_backend.h", *PARTS}
    if inside[1] == "core":
        return {"core"}
    # The doors stand on the view, and never on each other.
    return {"common", "core", inside[1]} | ({"view"} if inside[1] != "systemd" else set())


def violations(file: Path, text: str) -> list[str]:
    found = []
    for kind, name in INCLUDE.findall(text):
        folder = name.split("/")[0]
        if kind == '"' and folder not in allowed(file):
            found.append(f"{file.relative_to(ROOT)} includes {name}")
        # The core is pure: the standard library, whose headers have neither a slash nor an ending.
        if kind == "<" and file.is_relative_to(ROOT / "controller/core") and re.search(r"[/.]", name):
            found.append(f"{file.relative_to(ROOT)} includes <{name}>, which is not of the standard library")
    return found


class IncludeLaw(unittest.TestCase):
    def test_is_kept_by_every_file(self) -> None:
        files = sources(ROOT / "helpers") + sources(ROOT / "controller")
        self.assertGreater(len(files), 50, "the sources are where they were looked for")
        self.assertEqual([v for file in files for v in violations(file, file.read_text())], [])

    def test_would_see_a_breach(self) -> None:
        for file, text in (("helpers/common/x.h", '#include "gps/nmea.h"'),
                           ("helpers/gps/x.cpp", '#include "radio/plan.h"'),
                           ("helpers/gps/x.cpp", '  #  include "core/state.h"'),
                           ("controller/core/x.h", '#include "common/error.h"'),
                           ("controller/core/x.h", '#include "view/describe.h"'),
                           ("controller/systemd/x.h", '#include "view/describe.h"'),
                           ("controller/view/x.h", '#include "dbus/authorizer.h"'),
                           ("controller/core/x.h", "#include <systemd/sd-bus.h>"),
                           ("controller/dbus/x.cpp", '#include "systemd/client.h"')):
            self.assertEqual(len(violations(ROOT / file, text)), 1, (file, text))
        for file, text in (("helpers/gps/x.cpp", '#include "common/error.h"\n#include "gps/nmea.h"\n#include <gps.h>'),
                           ("controller/main.cpp", '#include "systemd/client.h"'),
                           ("controller/core/x.h", "#include <string>")):
            self.assertEqual(violations(ROOT / file, text), [], (file, text))


if __name__ == "__main__":
    sys.exit(unittest.main())
