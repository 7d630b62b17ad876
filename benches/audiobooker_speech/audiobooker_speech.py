"""An engine of audiobooker-ai that asks servers with the OpenAI speech API.

As quick as its interface allows: it may be called by many threads, keeps connections open, and takes whichever server
has a free slot. SPEECH_SERVERS lists the servers as URL=SLOTS, separated by blanks; SPEECH_SPEED is the
speed that is asked for.
"""

import http.client
import io
import json
import os
import pathlib
import queue
import re
import threading
import urllib.parse
import wave

from audiobooker.casting import voice_suggester
from audiobooker.renderer.protocols import SynthesisResult

MOST_CHARS = 400
PAUSE_SECONDS = 0.3
SPEED = float(os.environ.get("SPEECH_SPEED", "1"))
TAGGED = re.compile(r"^\[S\d+:[^\]]*\]\s*(?:\([^)]*\)\s*)?(?:\{[^}]*\}\s*)*(.*)$")
SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+")

_slots: queue.SimpleQueue[str] = queue.SimpleQueue()
for server in os.environ.get("SPEECH_SERVERS", "").split():
    url, _, count = server.rpartition("=")
    for _ in range(int(count)):
        _slots.put(url)
_connections = threading.local()


def pieces(text: str):
    """Sentences packed up to the length that a server takes."""
    packed = ""
    for sentence in SENTENCE_END.split(text):
        while len(sentence) > MOST_CHARS:
            cut = sentence.rfind(" ", 1, MOST_CHARS)
            cut = cut if cut > 0 else MOST_CHARS
            yield sentence[:cut]
            sentence = sentence[cut:].lstrip()
        if packed and len(packed) + 1 + len(sentence) > MOST_CHARS:
            yield packed
            packed = sentence
        else:
            packed = f"{packed} {sentence}".strip()
    if packed:
        yield packed


def speak(text: str, voice: str) -> tuple[int, bytes]:
    """Rate and samples of a text, from the next server with a free slot."""
    url = _slots.get()
    try:
        address = urllib.parse.urlsplit(url)
        kept = _connections.__dict__.setdefault("by_url", {})
        if url not in kept:
            kept[url] = http.client.HTTPConnection(address.hostname, address.port)
        asked = {"model": "songs", "input": text, "voice": voice, "response_format": "wav", "speed": SPEED}
        body = json.dumps(asked)
        kept[url].request("POST", "/v1/audio/speech", body, {"Content-Type": "application/json"})
        answer = kept[url].getresponse()
        sound = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{url} answers {answer.status}: {sound[:300]!r}")
    finally:
        _slots.put(url)
    with wave.open(io.BytesIO(sound)) as take:
        return take.getframerate(), take.readframes(take.getnframes())


class Engine:
    """One voice for all speakers, as a book read by one narrator."""

    def capabilities(self):
        return {"streaming": False, "emotions": False, "ssml": False, "multi_speaker": True, "thread_safe": True}

    def list_voices(self):
        # Every name that its casting may choose; all of them are the one voice of the server.
        return list(voice_suggester._VOICE_NOTES)

    def synthesize(self, script, voices, output_path, progress_callback=None):
        texts = [match.group(1) for match in map(TAGGED.match, script.splitlines()) if match and match.group(1)]
        parts = [piece for text in texts for piece in pieces(text) if any(letter.isalnum() for letter in piece)]
        path, rate, frames = pathlib.Path(output_path), 24_000, 0
        with wave.open(str(path), "wb") as chapter:
            chapter.setnchannels(1)
            chapter.setsampwidth(2)
            for number, part in enumerate(parts, 1):
                rate, samples = speak(part, "siren")
                if number == 1:
                    chapter.setframerate(rate)
                samples += bytes(2 * int(rate * PAUSE_SECONDS))
                chapter.writeframes(samples)
                frames += len(samples) // 2
                if progress_callback:
                    progress_callback(number, len(parts))
        return SynthesisResult(audio_path=path, duration_seconds=frames / rate)
