"""Tells which tests have failed and the end of what each of them said: failures.py JUNIT-XML...

The files are ctest's (--output-junit). Exits with 1 when a test has failed."""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

LINES = 30


def main() -> int:
    failed = 0
    for path in map(Path, sys.argv[1:]):
        # What a program of a test said may be anything.
        text = re.sub(r"[^\t\n -\uffff]", "?", path.read_text(errors="replace"))
        for case in ElementTree.fromstring(text.encode()).iter("testcase"):
            if case.get("status") != "fail":
                continue
            failed += 1
            print(f"\n-- {case.get('name')} ({path})")
            print("\n".join((case.findtext("system-out") or "it said nothing").rstrip().splitlines()[-LINES:]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
