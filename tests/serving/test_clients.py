"""OpenAI's own client, synchronous, asynchronous and streaming, and our /generate, against a real server."""

import asyncio
import json
from typing import Any

import pytest

from academy.records import Mode
from academy.specialist import Expert
from tests.serving.conftest import Address

QUESTION = "Wessen Arbeitsstand ist die Mainline?"
openai = pytest.importorskip("openai", reason="the official client is not installed: pip install openai")
httpx = pytest.importorskip("httpx")


def client(served: Address) -> Any:
    return openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0)


def post(served: Address, path: str, body: object) -> Any:
    return httpx.post(served.url + path, json=body, timeout=120)


def settled(answer: dict[str, Any]) -> dict[str, Any]:
    """Without the digits in which reading a known beginning, or beside others, is rounded otherwise."""
    return answer | {"confidence": round(answer["confidence"], 4)}


@pytest.mark.parametrize("mode", ["specialist", "evidence", "retrieval", None])
@pytest.mark.parametrize("name", ["alpha", "beta.2"])
def test_generate_answers_as_ask_does(
    served: Address, name: str, mode: Mode | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("academy.models.local.computes_bf16", lambda _device: False)
    expected = Expert.open(served.runs / name).stream(QUESTION, mode).answer
    given = post(served, "/generate", {"model": name, "prompt": QUESTION, "mode": mode}).json()
    assert given["text"] == expected.answer
    assert given["confidence"] == pytest.approx(expected.confidence, rel=1e-3)
    assert given["sources"] == [source.model_dump(mode="json") for source in expected.sources]
    assert (given["mode_used"], given["model"]) == (expected.mode_used, name)
    assert (given["usage"]["completion_tokens"] > 0) == (expected.mode_used != "retrieval")


def test_generate_streams_the_same_answer(served: Address) -> None:
    body = {"prompt": QUESTION, "mode": "specialist", "max_tokens": 30}
    whole = post(served, "/generate", body).json()
    lines = post(served, "/generate", body | {"stream": True}).text.split("\n\n")
    events = [line.removeprefix("data: ") for line in lines if line]
    assert events[-1] == "[DONE]"
    assert settled(json.loads(events[-2])) == settled(whole)
    assert " ".join("".join(json.loads(event)["delta"] for event in events[:-2]).split()) == whole["text"]


@pytest.mark.parametrize(
    "body",
    [
        {"instruction": "Erkläre.", "input": "Mainline"},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Erkläre.\n\nMainline"}]}]},
    ],
)
def test_instruction_and_messages_are_questions_too(served: Address, body: dict[str, Any]) -> None:
    plain = post(served, "/generate", {"prompt": "Erkläre.\n\nMainline", "mode": "specialist"}).json()
    assert settled(post(served, "/generate", body | {"mode": "specialist"}).json()) == settled(plain)


def test_the_client_chats_and_streams_the_same(served: Address) -> None:
    ask: dict[str, Any] = {"model": "alpha:specialist", "messages": [{"role": "user", "content": QUESTION}]}
    completions = client(served).chat.completions
    whole = completions.create(**ask, max_tokens=20, logprobs=True, top_logprobs=3)
    stream = list(
        completions.create(
            **ask, max_completion_tokens=20, stream=True, logprobs=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream[:-1])
    assert text == whole.choices[0].message.content
    assert stream[-1].usage == whole.usage
    assert stream[-2].choices[0].finish_reason == whole.choices[0].finish_reason == "length"
    assert whole.usage.completion_tokens == len(whole.choices[0].logprobs.content) == 20
    first = whole.choices[0].logprobs.content[0]
    assert first.top_logprobs[0].logprob == pytest.approx(first.logprob)
    assert len(first.top_logprobs) == 3
    assert whole.model_extra["academy"]["mode_used"] == "specialist"


def test_a_conversation_from_memory_is_shown_whole(served: Address) -> None:
    turns = [{"role": "user", "content": "Hallo"}, {"role": "assistant", "content": "Ja?"}]
    last = {"role": "user", "content": QUESTION}
    alone = post(served, "/generate", {"messages": [last], "mode": "specialist"}).json()
    whole = post(served, "/generate", {"messages": [*turns, last], "mode": "specialist"}).json()
    assert whole["usage"]["prompt_tokens"] > alone["usage"]["prompt_tokens"]
    searched = post(served, "/generate", {"messages": [*turns, last], "mode": "evidence"}).json()
    assert settled(searched) == settled(post(served, "/generate", {"prompt": QUESTION, "mode": "evidence"}).json())


def test_the_client_continues_texts(served: Address) -> None:
    completions = client(served).completions
    both = completions.create(model="alpha", prompt=["Eins", "Zwei"], max_tokens=8, logprobs=2)
    each = [completions.create(model="alpha", prompt=text, max_tokens=8).choices[0].text for text in ("Eins", "Zwei")]
    assert [choice.text for choice in both.choices] == each
    assert len(both.choices[0].logprobs.tokens) == 8
    streamed = list(completions.create(model="alpha", prompt="Eins", max_tokens=8, stream=True))
    assert "".join(chunk.choices[0].text for chunk in streamed) == each[0]
    stop = each[0][2:4]
    stopped = completions.create(model="alpha", prompt="Eins", max_tokens=8, stop=[stop]).choices[0]
    assert (stopped.text, stopped.finish_reason) == (each[0].partition(stop)[0], "stop")


def test_seeds_repeat_a_sampled_answer(served: Address) -> None:
    def sampled(seed: int) -> str:
        body = {"model": "alpha", "prompt": "Eins", "max_tokens": 12, "temperature": 1.5, "top_p": 0.9, "seed": seed}
        return str(client(served).completions.create(**body).choices[0].text)

    assert sampled(1) == sampled(1) != sampled(2)


def test_many_asynchronous_clients_get_what_one_gets(served: Address) -> None:
    async def all_at_once() -> list[str]:
        async with openai.AsyncOpenAI(base_url=f"{served.url}/v1", api_key="none") as many:

            async def one(number: int) -> str:
                stream = await many.completions.create(
                    model="beta.2" if number % 2 else "alpha", prompt=f"Text {number % 5}", max_tokens=15, stream=True
                )
                return "".join([chunk.choices[0].text async for chunk in stream])

            return list(await asyncio.gather(*(one(number) for number in range(20))))

    together = asyncio.run(all_at_once())
    assert together[:10] == together[10:]
    alone = client(served).completions.create(model="alpha", prompt="Text 2", max_tokens=15).choices[0].text
    assert alone == together[2]


def test_models_and_the_tool_are_described(served: Address) -> None:
    assert [model.id for model in client(served).models.list()] == ["alpha", "beta.2"]
    assert client(served).models.retrieve("beta.2").id == "beta.2"
    tool = httpx.get(f"{served.url}/v1/tool.json", timeout=120).json()
    assert tool["function"]["parameters"]["properties"]["model"]["enum"] == ["alpha", "beta.2"]
    assert tool["function"]["description"].endswith("/generate")


def test_figures_and_health_are_told(served: Address) -> None:
    assert httpx.get(f"{served.url}/health", timeout=120).json() == {"status": "ok"}
    assert httpx.get(f"{served.url}/ready", timeout=120).json() == {"status": "ready"}, "names need the key"
    post(served, "/generate", {"prompt": QUESTION})
    figures = httpx.get(f"{served.url}/metrics", timeout=120).text
    assert 'academy_requests_total{endpoint="/generate",status="200"}' in figures
    assert "academy_written_tokens" in figures
