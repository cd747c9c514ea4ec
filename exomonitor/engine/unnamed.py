"""The picture for somebody who may see no names: vital signs, pump, timer and alarms as they are, nobody's identity."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.registry import Registry
from exomonitor.registry.users import only_research
from exomonitor.session.state import SessionState


class NameGuard:
    """Makes pictures without names where a research sign-in is at work. What has not changed stays the same object,
    so that a page that compares sees that nothing is new."""

    def __init__(self) -> None:
        self._registry: tuple[Registry, Registry] | None = None
        self._session: tuple[SessionState, SessionState] | None = None

    def guarded(self, snapshot: Snapshot) -> Snapshot:
        """The very same picture, or where whoever is at work sees no names, one without them."""
        user = snapshot.registry.users.get(snapshot.staff_id)
        if user is None or not only_research(user):
            return snapshot
        return replace(
            snapshot,
            unnamed=True,
            registry=self._without_people(snapshot.registry),
            session=self._without_patient(snapshot.session),
            others=tuple(replace(other, patient="") for other in snapshot.others),
            resume_offer="",
            log=(),
        )

    def _without_people(self, registry: Registry) -> Registry:
        if self._registry is None or self._registry[0] is not registry:
            self._registry = registry, replace(registry, patients={}, visits={}, aftercare={})
        return self._registry[1]

    def _without_patient(self, session: SessionState | None) -> SessionState | None:
        if session is None or session.patient is None:
            return session
        if self._session is None or self._session[0] is not session:
            patient = replace(session.patient, name=session.study_id, born="", mrn="")
            self._session = session, replace(session, patient=patient)
        return self._session[1]
