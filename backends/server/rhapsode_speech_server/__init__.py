"""One speech engine behind OpenAI's speech API.

Nothing is imported here: `python -m rhapsode_speech_server.dependencies` must run where nothing is installed.
"""

__version__ = "0.1.0"
