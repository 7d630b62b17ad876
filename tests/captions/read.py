"""Reads a document with a library that the program does not know, and prints what it says as JSON."""

import json
import sys

path = sys.argv[1]
kind = path.rsplit(".", 1)[1]

if kind == "srt":
    import pysrt

    cues = pysrt.open(path, encoding="utf-8")
    found = [[c.start.ordinal / 1000, c.end.ordinal / 1000, c.text] for c in cues]
elif kind == "vtt":
    import webvtt

    def seconds(clock):
        hours, minutes, rest = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    # Its own figures are whole seconds.
    found = [[seconds(c.start), seconds(c.end), c.text] for c in webvtt.read(path)]
elif kind == "lrc":
    import pylrc

    with open(path, encoding="utf-8") as file:
        lyrics = pylrc.parse(file.read())
    found = [[line.time, None, line.text] for line in lyrics]
elif kind == "rss":
    import feedparser

    with open(path, "rb") as file:
        feed = feedparser.parse(file.read())
    found = {
        "wrong": str(feed.bozo_exception) if feed.bozo else None,
        "title": feed.feed.title,
        "image": feed.feed.get("image", {}).get("href"),
        "episodes": [
            {
                "title": e.title,
                "guid": e.id,
                "date": list(e.published_parsed),
                "file": dict(e.enclosures[0]),
                "seconds": e.itunes_duration,
            }
            for e in feed.entries
        ],
    }
else:
    sys.exit(f"nothing reads .{kind}")
print(json.dumps(found))
