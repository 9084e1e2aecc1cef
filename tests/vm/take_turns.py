"""Runs each machine test that nobody else has taken yet, the longest first: take_turns.py BUILD LOGS

Two of these with the same folder LOGS share the tests, whenever the second one comes. Each test's output is in LOGS/<name>/log, and
ctest's report beside it. Exits with 1 when one of those it took has failed."""

import json
import subprocess
import sys
from pathlib import Path


def names(build: str) -> list[str]:
    shown = subprocess.run(["ctest", "--test-dir", build, "-L", "^machine$", "-LE", "timing", "--show-only=json-v1"],
                           stdout=subprocess.PIPE, text=True, check=True)
    cost = {test["name"]: next(p["value"] for p in test["properties"] if p["name"] == "COST")
            for test in json.loads(shown.stdout)["tests"]}
    if not cost:
        raise SystemExit(f"{build} has no machine tests")
    return sorted(cost, key=cost.__getitem__, reverse=True)


def take(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return False
    return True


def passes(build: str, name: str, folder: Path) -> bool:
    # A host that stands still for seconds fails what is to happen within one: such a file gets a second try, and the log has both.
    command = ["ctest", "--test-dir", build, "-R", f"^{name.replace('.', chr(92) + '.')}$", "--repeat", "until-pass:2",
               "--output-on-failure", "--output-junit", str(folder.absolute() / "junit.xml")]
    with (folder / "log").open("w") as log:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode == 0


def main() -> int:
    build, logs = sys.argv[1], Path(sys.argv[2])
    failed = [name for name in names(build) if take(logs / name) and not passes(build, name, logs / name)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
