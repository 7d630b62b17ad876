"""Starts the speech server: `python server.py`. Everything is set by the environment, see `settings.py`."""

import sys

from rhapsode_speech_server.main import main

if __name__ == "__main__":
    sys.exit(main())
