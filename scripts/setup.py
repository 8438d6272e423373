"""Set up .venv from the hash-locked requirements.txt. `make` calls it; it needs nothing but Python."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / ".ready"  # make compares its age with requirements.txt
OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> None:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"error: this is Python {found}; the course needs 3.11, 3.12 or 3.13: make PYTHON=python3.12 ..."
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
    print(f"setting up .venv with Python {sys.version.split()[0]}: once, a few minutes")
    # Anew where it is broken or another Python's; kept otherwise,
    # so that an update only fetches what changed.
    found = run([VENV / "bin" / "python", "-m", "pip", "--version"]).stdout
    if "(python {}.{})".format(*sys.version_info[:2]) not in found:
        made = run([sys.executable, "-m", "venv", "--clear", VENV])
        if made.returncode:
            sys.exit(
                "error: Python cannot make a virtual environment here (on Debian: apt install python3-venv): "
                + last_line(made)
            )
    install = [
        VENV / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--disable-pip-version-check",
        "-r",
        ROOT / "requirements.txt",
    ]
    bar = ["--progress-bar", "on"] if sys.stdout.isatty() else ["--quiet"]
    installed = subprocess.run([*map(str, install), *bar], stderr=subprocess.PIPE, text=True)
    if installed.returncode:
        sys.exit(
            "error: the packages could not be installed; check the network and run again: "
            + last_line(installed)
        )
    READY.touch()
    print(f"set up in {time.time() - start:.0f} s")


def run(command: list) -> subprocess.CompletedProcess:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, text=True)
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
