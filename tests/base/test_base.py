"""The recipe of the embedded base model: worlds, rows, shards and the tokenizer, on a corpus of a few sentences."""

import importlib
import json
import lzma
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st

BASE = Path(__file__).parents[2] / "base"
NAMES = (
    "circuit",
    "encode",
    "german",
    "mixture",
    "pretrain",
    "reading",
    "rows",
    "settings",
    "tokenizer",
    "wiki_questions",
)
WORDS = {
    "de": {
        "f": ["Reihe", "Brücke", "Kunde", "Lehre", "Wissenschaft"],
        "m": ["Vertrag", "Löffel"], "n": ["Gebiet", "Wort"], "adjective": ["große"],
        "plural": ["Jahre", "Menschen", "Hunde", "Bücher"], "purpose": ["Handel zu treiben"], "verb": ["Backen"],
        "cause": ["viele Schiffe in der Bucht liegen"], "habitat": ["im Süden"], "surname": ["Marx"],
        "definition": ["eine Stadt in Deutschland"],
    },
    "en": {
        "adjective": ["good"], "noun": ["woman", "smile"], "plural": ["years", "minutes", "dogs", "books"],
        "purpose": ["see her father"], "cause": ["the children work"], "habitat": ["on the table"],
        "definition": ["a stroke of genius"], "surname": ["Dombey"],
    },
}  # fmt: skip
GERMAN = (
    "Im Jahr {} wurde das Dorf am Fluss gegründet.\nDer Turm steht in Bremen.\nDort leben {} Menschen mit Hunden.\n"
)
ENGLISH = "The child was in the garden in {}. Howard saw all {} of the old stones there. It was very cold.\n"


@pytest.fixture(scope="module")
def base() -> Iterator[Any]:
    """The scripts of base/ as one namespace."""
    sys.path.insert(0, str(BASE))
    space = ModuleType("base")
    for name in (*NAMES, "values", "worlds", "world_rows"):
        setattr(space, name, importlib.import_module(name))
    yield space
    sys.path.remove(str(BASE))


@pytest.fixture(scope="module")
def work(base: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A work folder as corpus, tokenizer, encode, wiki_questions and lexicon leave it, a thousand times smaller."""
    folder = tmp_path_factory.mktemp("base")
    for part in ("text", "heldout"):
        (folder / part).mkdir()
        for source, line in (
            ("de-klexikon", GERMAN),
            ("de-wikipedia", GERMAN),
            ("de-novels", GERMAN),
            ("en-novels", ENGLISH),
        ):
            bodies = [
                f"Ding {n}\n" + "".join(line.format(1000 + n + k, 7 * n + k) for k in range(6)) for n in range(30)
            ]
            (folder / part / f"{source}.txt").write_text("\n\f\n".join(bodies), encoding="utf-8")
    base.tokenizer.save(base.tokenizer.train(folder, 360), folder / "tokenizer")
    for source in base.encode.SOURCES:
        base.encode.encode_source(folder, source, 1_000_000)
        base.wiki_questions.build(folder, source, 1_000_000)
    (folder / "lexicon.json").write_text(json.dumps(WORDS), encoding="utf-8")
    tales = [
        json.dumps({"story": story, "passage": f"A {story} ate {n}.", "question": "Who?", "answers": [f"a {story}"]})
        for story in ("fox", "owl", "hen", "cat") for n in range(5)
    ]  # fmt: skip
    (folder / "qa").mkdir()
    (folder / "qa" / "fairytaleqa-train.jsonl.xz").write_bytes(lzma.compress("\n".join(tales).encode()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACADEMY_DATA", str(folder))
        base.reading.fairytales.cache_clear()
        assert base.reading.fairytales()  # read now: every test has an environment of its own
    yield folder
    base.reading.fairytales.cache_clear()


@pytest.fixture(scope="module")
def small(base: Any) -> Any:
    """Settings whose shards are made in an instant."""
    return replace(base.settings.PRESETS["smoke"], vocabulary=360, shard=20_000, mixture="short")


def test_worlds_speak_whole_sentences(base: Any) -> None:
    rng, seen = random.Random(1), 0
    for language in ("de", "en"):
        for kind in base.worlds.kinds(language):
            for entity in base.worlds.make_world(kind, rng, WORDS[language], 3):
                for fact in entity.facts:
                    told = base.worlds.statement(fact, rng)
                    asked, answer = base.worlds.question(fact, rng, late=False)
                    assert re.fullmatch(r"[A-ZÄÖÜ0-9„\"/].*[.!“\"]", told), told
                    assert re.fullmatch(r"[A-ZÄÖÜ0-9].*[?.]", asked), asked
                    assert answer
                    assert not re.search(r"[{}|()]|  ", told + asked + answer), (told, asked, answer)
                    seen += 1
    assert seen > 300, "the kinds of both languages must be found, or this proves nothing"


def test_a_world_can_be_learned_from_what_is_told(base: Any) -> None:
    rng = random.Random(2)
    world = base.worlds.make_world(base.worlds.kinds("de")[0], rng, WORDS["de"], 4)
    fact = world[0].facts[0]
    told = " ".join(row for entity in world for _, row in base.world_rows.told_rows(entity, rng))
    assert fact.slots["V"] in told


def test_siblings_can_be_told_apart_by_their_names(base: Any) -> None:
    (course,) = (kind for kind in base.worlds.kinds("de") if kind.names == "course")
    for seed in range(50):  # five names to choose from: most draws repeat one
        world = base.worlds.make_world(course, random.Random(seed), WORDS["de"], 4)
        assert len({entity.name for entity in world}) == 4


def wordings(template: str) -> list[str]:
    """Every way in which the alternatives of a template can be chosen."""
    hit = re.search(r"\(([^()]*\|[^()]*)\)", template)
    if not hit:
        return [" ".join(template.replace(" ?", "?").split())]
    return [
        one
        for choice in hit.group(1).split("|")
        for one in wordings(template[: hit.start()] + choice + template[hit.end() :])
    ]


def test_wordings_kept_for_measuring_are_never_trained_on(base: Any) -> None:
    held = 0
    for language in ("de", "en"):
        for kind in base.worlds.kinds(language):
            for relation in kind.relations:
                trained = {one for asked, _ in relation.ask for one in wordings(asked)}
                trained |= {one for asked in relation.back for one in wordings(asked)}
                unseen = {one for asked, _ in relation.unseen for one in wordings(asked)}
                assert not trained & unseen, (kind.name, relation.name, trained & unseen)
                held += len(unseen)
    assert held > 100


def test_held_out_stories_stay_out_of_training(base: Any, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_DATA", str(work))
    trained = {passage.group for passage in base.reading.fairytales()}
    held = {passage.group for passage in base.reading.fairytales(held_out=True)}
    assert trained
    assert not trained & held
    assert {story for story in ("fox", "owl", "hen", "cat") if base.reading.held_out_story(story)} == held


def test_a_shard_depends_on_seed_and_number_alone(base: Any, work: Path, small: Any) -> None:
    first, weights = base.mixture.make_shard(small, str(work), 3)
    base.mixture.make_shard(small, str(work), 4)  # what was made between must not matter
    again, _ = base.mixture.make_shard(small, str(work), 3)
    other, _ = base.mixture.make_shard(replace(small, seed=2), str(work), 3)
    assert first.shape == weights.shape == (small.shard // small.block, small.block + 1)
    assert (first == again).all()
    assert (first != other).any()


def test_only_answers_and_text_weigh_in_full(base: Any, work: Path, small: Any) -> None:
    mixture, coder = base.mixture, base.mixture.tokenizer_of(str(work))
    row = base.rows.evidence(["Der Turm steht in Bremen."], "Wo steht der Turm?", "in Bremen", "de")
    ids = coder.encode(row, add_special_tokens=False).ids
    weights = mixture.weigh(ids)
    heavy = [i for i, weight in zip(ids, weights, strict=True) if weight == mixture.ANSWER]
    assert coder.decode(heavy, skip_special_tokens=False) == "in Bremen<|eos|>"
    assert max(weights[: -len(heavy)]) < mixture.TEXT < mixture.ANSWER
    tokens, marks = mixture.make_shard(small, str(work), 0)
    assert not marks[tokens == base.tokenizer.PAD].any()
    assert set(marks.ravel().tolist()) <= {0, mixture.SHOWN, mixture.ASKED, mixture.TEXT, mixture.ANSWER}


def test_repeated_pieces_weigh_from_the_second_time_on(base: Any, work: Path, small: Any) -> None:
    filler = base.mixture.Filler(replace(small, mixture="reader"), str(work), 0)
    for _ in range(20):
        piece, marks = filler.copies(100)
        length = int((marks == 0).sum())
        assert 5 <= length <= 50
        assert not marks[:length].any()
        assert (piece[length:] == piece[:-length]).all()
    assert 20 < sum(not filler.take(30)[1].all() for _ in range(100)) < 90


def test_rows_come_back_from_tokens_word_for_word(base: Any, work: Path, small: Any) -> None:
    coder, rows = base.mixture.tokenizer_of(str(work)), base.mixture.shard_rows(small, str(work), 0)
    assert len(rows) > 50
    refusals = [row for row in rows if any(text in row for text in base.rows.answering()["refusal"].values())]
    assert 0 < len(refusals) < len(rows) / 2
    for row in rows:
        ids = coder.encode(row, add_special_tokens=False).ids
        assert coder.decode(ids, skip_special_tokens=False) == row
        assert (ids[0], ids[-1]) == (base.tokenizer.BOS, base.tokenizer.EOS)


def test_refused_questions_have_no_answer_in_their_passages(base: Any) -> None:
    rng, refused = random.Random(5), 0
    tower = base.reading.Passage("Der Turm steht in Bremen.", "a", "de", (("Wo steht der Turm?", "in Bremen"),))
    others = [base.reading.Passage(f"Haus {n} ist rot.", "a", "de", ()) for n in range(5)]
    for _ in range(200):
        row = base.reading.reading_row([tower, *others], 0, rng, cloze=False)
        if row:
            refused += base.rows.answering()["refusal"]["de"] in row
            assert (base.rows.answering()["refusal"]["de"] in row) == ("Turm steht in Bremen" not in row)
    assert refused > 5


@given(st.text())
def test_any_text_comes_back_from_the_tokenizer(base: Any, work: Path, text: str) -> None:
    coder = base.mixture.tokenizer_of(str(work))
    ids = coder.encode(text, add_special_tokens=False).ids
    assert coder.decode(ids, skip_special_tokens=False) == text


@given(st.integers(0, 10**12))
def test_digits_are_single_tokens(base: Any, work: Path, number: int) -> None:
    coder = base.mixture.tokenizer_of(str(work))
    assert coder.encode(str(number), add_special_tokens=False).tokens == list(str(number))


def test_the_circuit_copies_before_any_training(base: Any) -> None:
    torch.manual_seed(0)
    shape = base.settings.llama_config(
        replace(base.settings.PRESETS["smoke"], vocabulary=500, hidden=192, heads=3, kv_heads=1)
    )
    shape |= {"num_attention_heads": 6, "num_key_value_heads": 2, "hidden_size": 384}
    plain = transformers.LlamaForCausalLM(transformers.LlamaConfig(**shape))
    piece = torch.randperm(490)[:24] + 6
    ids = torch.cat([torch.tensor([1]), piece, piece])[None]
    built = base.circuit.build(plain, ids)
    built.set_attn_implementation("eager")
    with torch.no_grad():
        told = built(ids, output_attentions=True)
    again = torch.arange(26, 48)
    assert told.attentions[0][0, 0].diagonal(-1).mean() > 0.9
    assert told.attentions[-1][0, :, again, again - 23].mean() > 0.5
    assert (told.logits[0, again].argmax(-1) == ids[0, again + 1]).float().mean() > 0.9


def test_widening_alone_leaves_the_old_model_as_it_was(base: Any) -> None:
    torch.manual_seed(0)
    shape = base.settings.llama_config(replace(base.settings.PRESETS["smoke"], vocabulary=500, hidden=384, heads=6))
    plain = transformers.LlamaForCausalLM(transformers.LlamaConfig(**shape | {"num_key_value_heads": 2}))
    with torch.no_grad():
        wide = base.circuit.widened(plain)
        for old, new in zip(plain.model.layers, wide.model.layers[1:-1], strict=True):
            assert torch.equal(old.mlp.up_proj.weight, new.mlp.up_proj.weight[:, :384])
            queries = new.self_attn.q_proj.weight
            assert torch.equal(old.self_attn.q_proj.weight[192:], queries[256:448, :384])  # the second group's heads
            assert not queries[192:256].any()
        wide.model.embed_tokens.weight[:, 384:] = 0  # without codes both see the same numbers
        ids = torch.arange(6, 46)[None]
        assert torch.allclose(
            plain(ids).logits, wide(ids).logits, atol=2e-3
        )  # the norms add 1e-6 to a mean over more numbers


def test_every_preset_fits_into_the_wheel(base: Any) -> None:
    for settings in base.settings.PRESETS.values():
        config = transformers.LlamaConfig(**base.settings.llama_config(settings))
        with torch.device("meta"):
            model = transformers.LlamaForCausalLM(config)
        assert sum(p.numel() for p in model.parameters()) <= 25_000_000  # 50 MB in bf16


def test_sentences_become_questions(base: Any) -> None:
    pairs = list(base.german.questions("Im Jahr 1871 wurde das Reich gegründet.", random.Random(0), frozenset()))
    assert any(re.match(r"(Wann|In welchem Jahr) wurde das Reich", q) and a == "im Jahr 1871" for q, a in pairs), pairs


def test_a_run_goes_on_where_it_stopped(base: Any, work: Path, small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACADEMY_COMPILE", "0")
    settings = replace(small, block=64, batch=2, micro=2, shard=640, tokens=640)
    whole = base.pretrain.Run(settings, work, "whole")
    rows, weights = base.mixture.make_shard(settings, str(work), 0)
    for k in range(2):
        whole.train_step(rows[2 * k : 2 * k + 2], weights[2 * k : 2 * k + 2])
        whole.step += 1
        if k == 0:
            whole.save()
    resumed = base.pretrain.Run(settings, work, "whole")
    assert resumed.step == 1
    resumed.train_step(rows[2:4], weights[2:4])
    for one, other in zip(whole.masters.masters, resumed.masters.masters, strict=True):
        assert (one == other).all()
    follower = base.pretrain.build_model(replace(settings, init=str(resumed.export("model"))), "cpu")
    for one, other in zip(follower.parameters(), resumed.model.parameters(), strict=True):
        assert (one == other).all()
