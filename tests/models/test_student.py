"""Which folder is the student, and what tells one from another."""

from pathlib import Path

from academy.models.student import fingerprint

MIB = 1 << 20


def test_one_byte_anywhere_in_the_weights_makes_another_model(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(bytes(5 * MIB + 7))
    seen = {fingerprint(tmp_path)}
    for place in (0, 2 * MIB, 3 * MIB + 5, 5 * MIB + 6):
        _change(weights, place)
        seen.add(fingerprint(tmp_path))
    assert len(seen) == 5


def test_large_weights_are_told_apart_by_size_and_samples(tmp_path: Path) -> None:
    weights, size = tmp_path / "model.safetensors", 300 * MIB
    weights.touch()
    with weights.open("rb+") as file:
        file.truncate(size)
    seen = {fingerprint(tmp_path)}
    last = size - MIB
    for place in (0, last // 17 + 9, last // 17 * 8 + 20, size - 1):
        _change(weights, place)
        seen.add(fingerprint(tmp_path))
    assert len(seen) == 5
    _change(weights, 10 * MIB)
    assert fingerprint(tmp_path) in seen, "between the samples nothing is read"
    with weights.open("rb+") as file:
        file.truncate(size + 1)
    assert fingerprint(tmp_path) not in seen


def _change(path: Path, place: int) -> None:
    with path.open("rb+") as file:
        file.seek(place)
        file.write(b"x")
