"""What an engine is made of, told with the standard library alone.

A build calls it where nothing is installed that it could rely on, and must not fail because what it looks at is
broken. The report is described in docs/dependency-report.md; rhapsode judges it.
"""
