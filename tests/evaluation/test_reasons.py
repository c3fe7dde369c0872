"""Why something was left out is said in words, never by its code."""

import re
from pathlib import Path

import academy
from academy.distillation.curation import STEPS
from academy.evaluation.reasons import REASONS

CODE = re.compile(r'(?:UnreadableError|Died|Refused|_refused)\(\s*"([^"]+)"|\breason="([^"]+)"')


def test_every_reason_of_a_rejection_has_words() -> None:
    rooms = ("ingestion", "distillation")
    files = [file for room in rooms for file in sorted((Path(academy.__file__).parent / room).glob("*.py"))]
    found = {one or other for file in files for one, other in CODE.findall(file.read_text("utf-8"))} | set(STEPS)
    assert {"protected", "crashed", "no facts", "schema"} < found
    assert sorted(found - set(REASONS)) == []
