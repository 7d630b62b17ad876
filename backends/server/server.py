"""Starts the speech server: `python server.py`. Everything is set by the environment, see `settings.py`."""

import sys

# Nothing is written beside the code: it may lie on a read-only file system, or belong to somebody else.
sys.dont_write_bytecode = True

from rhapsode_speech_server.main import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
