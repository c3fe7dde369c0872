"""LangChain's ChatOpenAI through the API; it is installed for this test alone: pip install langchain-openai."""

import pytest

from tests.serving.conftest import Address

langchain = pytest.importorskip("langchain_openai", reason="not installed: pip install langchain-openai")


def test_langchain_asks_and_streams(served: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    chat = langchain.ChatOpenAI(base_url=f"{served.url}/v1", api_key="none", model="alpha:specialist", max_tokens=12)
    answer = chat.invoke("Wer?")
    assert answer.content
    assert answer.usage_metadata["output_tokens"] == 12
    assert "".join(piece.content for piece in chat.stream("Wer?")) == answer.content
