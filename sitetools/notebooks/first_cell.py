# Installs the course where it is missing, and PyTorch with it: a large download, once.
import importlib.util, re, subprocess, sys
from pathlib import Path

WHEEL, SITE = "NAME", "ADDRESS"
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


class Stop(Exception):  # a line instead of a traceback
    def _render_traceback_(self):
        return [str(self)]


def numbers(version):
    return [int(each) for each in version.split(".")]


if not (3, 11) <= sys.version_info[:2] <= (3, 14):
    raise Stop(f"The course needs Python 3.11 to 3.14, and this kernel has {sys.version.split()[0]}.")
place = getattr(importlib.util.find_spec("course"), "origin", None)  # what an import would find
text = Path(place).read_text(encoding="utf-8") if place else "CourseError"
if "CourseError" not in text:
    raise Stop(f"{place} hides the course: rename it, or move this notebook to another folder.")
version = re.search('__version__ = "([0-9.]+)"', text)
if not version or numbers(version[1]) < numbers(WHEEL.split("-")[1]):
    wheel = WHEEL if Path(WHEEL).exists() else SITE and SITE + WHEEL
    if not wheel:
        raise Stop(f"The course is missing: put {WHEEL} from the site's notebooks/ beside this notebook.")
    print("Installing the course and PyTorch ...")
    pip = subprocess.run([*PIP, wheel], capture_output=True, text=True)
    if pip.returncode:
        raise Stop(f"Not installed. pip says of {wheel}: {pip.stderr.strip().splitlines()[-1]}")
    if "course" in sys.modules:
        raise Stop("Installed, but the older course is still in use: restart the kernel and run all cells.")
    importlib.invalidate_caches()
