"""Set up .venv from the hash-locked requirements.txt. `make` calls it; it needs nothing but Python."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.txt"
READY = VENV / ".ready"  # make compares its age with that of the lock, and what it says with where it is
OLDEST, NEWEST = (3, 11), (3, 14)
# The course itself: imported from anywhere, while its files stay where they are.
COURSE = ["--no-deps", "--no-build-isolation", "--editable", ROOT]


def main() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found, oldest, newest = (
            ".".join(map(str, version)) for version in (sys.version_info[:2], OLDEST, NEWEST)
        )
        sys.exit(
            f"error: this is Python {found}; the course needs {oldest} to {newest}: "
            f"make PYTHON=python{newest} ..."
        )
    if shutil.disk_usage(ROOT).free < 8e9 and not READY.exists():
        sys.exit(
            "error: the packages take up to 6 GB in .venv and less than 8 GB are free here: make room and "
            "run again"
        )
    if VENV.exists() and not VENV.is_dir():
        sys.exit(
            "error: .venv is a file, and the packages need a folder of that name: move the file away and run "
            "again"
        )
    start = time.time()
    print(f"setting up .venv with Python {sys.version.split()[0]}: once, about a minute", flush=True)
    # Anew where it is broken or another Python's; kept otherwise,
    # so that an update only fetches what changed.
    found = run([python(), "-m", "pip", "--version"]).stdout
    if "(python {}.{})".format(*sys.version_info[:2]) not in found:
        made = run([sys.executable, "-m", "venv", "--clear", VENV])
        if made.returncode:
            sys.exit(
                "error: Python cannot make a virtual environment here (on Debian: apt install python3-venv): "
                + last_line(made)
            )
    if not with_uv():
        print("uv cannot do it here, so pip does: a few minutes", flush=True)
        with_pip()
    READY.write_text(str(ROOT), encoding="utf-8")
    print(f"set up in {time.time() - start:.0f} s")


def with_uv() -> bool:
    """Several times as fast as pip. It is a package like the others: its hashes stand in the same lock."""
    if not (VENV / "bin" / "uv").exists():
        alone = VENV / "uv.txt"
        alone.write_text(*re.findall(r"^uv==.*\n(?: .*\n)*", LOCK.read_text(encoding="utf-8"), re.M))
        if pip("--require-hashes", "--only-binary", ":all:", "-r", alone).returncode:
            return False
    shown = sys.stdout.isatty()
    # sync: what an older lock had and this one has not goes. Compiled, as pip does it: where Python may keep
    # nothing that it compiles (PYTHONDONTWRITEBYTECODE, as in many containers), each start took seconds more.
    steps = (["sync", "--compile-bytecode", "--require-hashes", LOCK], ["install", *COURSE])
    return all(
        run(
            [VENV / "bin" / "uv", *([] if shown else ["--quiet"]), "pip", *step, "--python", python()],
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.PIPE,
        ).returncode
        == 0
        for step in steps
    )


def with_pip() -> None:
    bar = ["--progress-bar", "on"] if sys.stdout.isatty() else ["--quiet"]
    installed = pip("--require-hashes", "-r", LOCK, *bar, stdout=None)
    if not installed.returncode:
        installed = pip(*COURSE)
    if installed.returncode:
        sys.exit(
            "error: the packages could not be installed; check the network and run again: "
            + last_line(installed)
        )


def pip(*arguments, **streams) -> subprocess.CompletedProcess:
    return run([python(), "-m", "pip", "install", "--disable-pip-version-check", *arguments], **streams)


def python() -> Path:
    return VENV / "bin" / "python"


def run(command: list, **streams) -> subprocess.CompletedProcess:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    try:
        return subprocess.run([str(part) for part in command], text=True, **streams)
    except OSError as error:  # no such file, or one that is no program
        return subprocess.CompletedProcess(command, 1, "", str(error))


def last_line(process: subprocess.CompletedProcess) -> str:
    """pip says what went wrong in its last error line."""
    lines = [line for line in (process.stderr or process.stdout or "").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no message"])[-1].strip()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped: the same command sets up what is missing")
