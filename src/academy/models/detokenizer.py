"""Tokens become text piece by piece, without broken characters, up to a stop text."""

from collections.abc import Callable, Sequence

_BROKEN = "\N{REPLACEMENT CHARACTER}"
"""What a tokenizer decodes half a character to."""


class Detokenizer:
    """The text of one answer as its tokens arrive.

    Held back are the bytes of an unfinished character, and text that may be the beginning of a stop text.

    Args:
        decode: token ids -> text.
        stop: texts that end the answer; they are not part of it.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = ()) -> None:
        self.stopped = False
        self._decode = decode
        self._stop = [text for text in stop if text]
        self._ids: list[int] = []
        self._start = 0
        self._end = 0
        self._held = ""

    def push(self, token: int) -> str:
        """Take one token; give the text that is certain by now, which may be empty."""
        self._ids.append(token)
        return self._release(self._new_text(final=False), final=False)

    def flush(self) -> str:
        """The answer ends here: give what was held back, without an unfinished character."""
        return self._release(self._new_text(final=True), final=True)

    def _new_text(self, final: bool) -> str:
        # Decoded together with the piece before it, because some tokenizers drop the blank at the start of a text.
        before = self._decode(self._ids[self._start : self._end])
        now = self._decode(self._ids[self._start :])
        if now.endswith(_BROKEN) and not final:
            return ""
        self._start, self._end = self._end, len(self._ids)
        return now[len(before) :].replace(_BROKEN, "")

    def _release(self, text: str, final: bool) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        places = [place for place in (text.find(stop) for stop in self._stop) if place >= 0]
        if places:
            self.stopped, self._held = True, ""
            return text[: min(places)]
        keep = 0 if final else self._possible_stop(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def _possible_stop(self, text: str) -> int:
        """Length of the longest end of the text that begins a stop text."""
        longest = max((len(stop) for stop in self._stop), default=1) - 1
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stop):
                return length
        return 0
