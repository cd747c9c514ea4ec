"""The forms of all steps by their keys, each made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from exomonitor.engine.bedside import Bedside
from exomonitor.session.gate_rules import CONSENT, OWN_FORMS, READINESS, TIME_OUT, TODAY
from ui.bridge import Bridge
from ui.pages.prepare import steps
from ui.pages.prepare.checklist_form import ChecklistForm
from ui.pages.prepare.course import CourseForm
from ui.pages.prepare.device_step import DeviceForm
from ui.pages.prepare.double_step import DoubleForm
from ui.pages.prepare.line import LineForm
from ui.pages.prepare.order import OrderForm
from ui.pages.prepare.own_limit import OwnLimitForm
from ui.pages.prepare.patient import PatientForm
from ui.pages.prepare.premed import PremedForm
from ui.pages.prepare.product import ProductForm
from ui.pages.prepare.start_step import StartForm
from ui.pages.prepare.step_form import StepForm
from ui.theme import Theme
from ui.widgets.sound_test import SoundTestRow


class StepForms(Mapping[str, StepForm]):
    """All forms by step: whoever looks one up makes it. Lists that a clinic adds stand on the page of the readiness."""

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, ready: Callable[[str, StepForm], None]) -> None:
        """`ready` hears of each form that was just made."""
        chair, protocol = bedside.chair, bedside.protocol
        known = {CONSENT, TODAY, TIME_OUT, READINESS, *OWN_FORMS}
        lists = protocol.rules.checklists.content.list
        added = tuple(row.key for row in lists if row.phase == "prepare" and row.key not in known)

        def start() -> StartForm:
            form = StartForm(theme, chair, protocol)
            form.use_sound(SoundTestRow(theme, bedside, bridge, full=False))
            return form

        self._ready = ready
        self._made: dict[str, StepForm] = {}
        self._makers: dict[str, Callable[[], StepForm]] = {
            steps.PATIENT: lambda: PatientForm(theme, bedside, bridge),
            steps.COURSE: lambda: CourseForm(theme, bedside, bridge),
            steps.PRODUCT: lambda: ProductForm(theme, chair, bedside, bridge),
            steps.ORDER: lambda: OrderForm(theme, chair, bedside, bridge),
            steps.CONSENT: lambda: ChecklistForm(theme, chair, protocol, (CONSENT, TODAY)),
            steps.LINE: lambda: LineForm(theme, chair, protocol),
            steps.DEVICES: lambda: DeviceForm(theme, bedside, bridge),
            steps.PREMED: lambda: PremedForm(theme, chair, protocol),
            steps.READINESS: lambda: ChecklistForm(theme, chair, protocol, (READINESS, *added)),
            steps.DOUBLE: lambda: DoubleForm(theme, bedside, bridge),
            steps.OWN_LIMIT: lambda: OwnLimitForm(theme, chair),
            steps.START: start,
        }

    def __getitem__(self, key: str) -> StepForm:
        if key not in self._made:
            self._made[key] = made = self._makers[key]()
            self._ready(key, made)
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def made(self) -> Mapping[str, StepForm]:
        """Those that somebody has wanted."""
        return self._made
