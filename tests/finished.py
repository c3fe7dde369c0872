"""A finished run without the work: a run folder whose report holds what a test wants."""

from pathlib import Path

import yaml

from academy.artefacts import fingerprints
from academy.config import AcademyConfig
from academy.pipeline import STAGES
from academy.reports import Report
from academy.run import versions
from academy.runs import RUN_FORMAT


def finished_run(folder: Path, report: Report, **config: object) -> Path:
    """Write the run; only its last stage left files."""
    folder.mkdir(parents=True)
    save = STAGES[-1].save
    assert save is not None
    save(report, folder)
    entry = {"fingerprint": "0", "records": 1, "rejected": 0}
    stages = {stage.verb: {**entry, "files": {}} for stage in STAGES[:-1]}
    state = {
        "format": RUN_FORMAT,
        "academy": "0.1.0",
        "name": folder.name,
        "sources": ["skript.pdf"],
        "versions": versions(),
        "config": AcademyConfig.model_validate(config).model_dump(mode="json"),
        "stages": {**stages, "evaluate": {**entry, "files": fingerprints(folder, "6-report.*")}},
    }
    (folder / "run.yaml").write_text(yaml.safe_dump(state, sort_keys=False), encoding="utf-8")
    return folder
