"""How long until Academy answers at all: ``import academy``, ``academy --help``; goal: 0.3 s each, without torch.

python -m benchmarks.startup
"""

import sys

from benchmarks.timing import ACADEMY, report, seconds


def main() -> None:
    """Measure."""
    python = sys.executable
    rows = {
        "python -c pass": seconds([python, "-c", "pass"]),
        "import academy": seconds([python, "-c", "import academy"]),
        "academy --help": seconds([ACADEMY, "--help"]),
        "academy list": seconds([ACADEMY, "list"]),
    }
    report("startup", rows)


if __name__ == "__main__":
    main()
