"""Install Academy for development into the environment that runs this file: torch first, then everything else.

On Linux a plain ``torch`` is the build for NVIDIA GPUs, several gigabytes. Without such a GPU the CPU build, a fraction
of that, is asked for first, from PyTorch's own index; where that cannot be reached, the package index gives its build.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]


def torch_line() -> str:
    """The exact torch of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch=="))


def main() -> int:
    """Install; give pip's exit code."""
    if sys.platform == "linux" and shutil.which("nvidia-smi") is None:
        cpu = [*PIP, "--no-deps", "--retries", "1", "--timeout", "20", torch_line(), "--extra-index-url", CPU_INDEX]
        sys.stdout.write(f"Installing {torch_line()} (CPU build where it can be had) ...\n")
        sys.stdout.flush()
        subprocess.run(cpu, check=False, stderr=subprocess.DEVNULL)
    sys.stdout.write("Installing Academy and its libraries ...\n")
    sys.stdout.flush()
    return subprocess.run([*PIP, "-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}[dev]"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
