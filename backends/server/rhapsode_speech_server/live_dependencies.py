"""`GET /v1/dependencies`: what runs now, with what the build wrote of it beside it, so that the two can be compared."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence

from rhapsode_speech_server.dependencies.accelerator import accelerator_here
from rhapsode_speech_server.dependencies.artifacts import read_report
from rhapsode_speech_server.dependencies.facts import Facts, UnknownFactsError
from rhapsode_speech_server.dependencies.imports import Probe, probe_loaded
from rhapsode_speech_server.dependencies.lock import locked
from rhapsode_speech_server.dependencies.report import Environment, report
from rhapsode_speech_server.engine import Description
from rhapsode_speech_server.formats import Format
from rhapsode_speech_server.settings import Settings

log = logging.getLogger(__name__)


class LiveDependencies:
    """The report of this process. What is installed does not change under it, so that is looked at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looking = threading.Lock()
        self._environment: Environment | None = None
        try:
            self._facts = Facts.of(settings.facts)
        except UnknownFactsError as error:
            log.warning("nothing is known of the engine's dependencies", extra={"reason": str(error)})
            self._facts = Facts(settings.facts, (), (), (), (), None)

    def look(self) -> Environment:
        """What is installed. Takes a moment the first time, and seconds beside a model that speaks."""
        with self._looking:
            if self._environment is None:
                self._environment = Environment.here()
                log.info("looked at what is installed", extra={"distributions": len(self._environment.distributions)})
            return self._environment

    def tell(self, description: Description | None) -> Mapping[str, object]:
        """The report."""
        built = read_report(self._settings.artifacts_dir)
        environment = self.look()
        # Before the first load is done, a module may be there in half.
        loaded = description is not None
        probes = self._probes(built, probe_loaded(self._facts.imports) if loaded else {})
        required = "cuda" if self._settings.device.startswith("cuda") else self._facts.accelerator
        seen = accelerator_here(required, description.device) if description is not None else {"required": required}
        told = report(environment, self._facts, probes, seen)
        told["encoders"] = [
            {"format": known.value, "by": "libsndfile", "available": known.available()} for known in Format
        ]
        told["built"] = self._built(built, environment)
        for key in ("verification", "locked"):
            told[key] = built.get(key) if built is not None else None
        return told

    def _probes(self, built: Mapping[str, object] | None, loaded: Mapping[str, Probe]) -> Sequence[Probe]:
        """Of modules that this process uses, what it sees of them; of the others, what the build saw.

        What neither of them imported is left out: to import it now would cost seconds and gigabytes.
        """
        known = {**_imports(built), **loaded}
        return [known[module] for module in self._facts.imports if module in known]

    def _built(self, built: Mapping[str, object] | None, environment: Environment) -> object:
        """What the build installed: by its report, or by its list of versions."""
        distributions = built.get("distributions") if built is not None else None
        if isinstance(distributions, list):
            there = [item for item in distributions if not item.get("shadowed")]
            return [{"name": item["name"], "version": item["version"]} for item in there]
        return locked(self._settings.environment_dir / "frozen_deps.txt", environment.values)


def _imports(built: Mapping[str, object] | None) -> dict[str, Probe]:
    told = built.get("imports") if built is not None else None
    probes = [Probe.from_json(probe) for probe in told] if isinstance(told, list) else []
    return {probe.module: probe for probe in probes}
