"""The forms of all steps, made together: the page puts them in a stack and hears what they say."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms by step, and by name those that the page speaks to."""

    by_step: dict[str, StepForm]
    patient: PatientForm
    product: ProductForm
    order: OrderForm
    devices: DeviceForm
    double: DoubleForm
    start: StartForm


def make_forms(theme: Theme, bedside: Bedside, bridge: Bridge) -> Forms:
    """Every step's form; lists that a clinic adds stand on the page of the readiness."""
    chair, protocol = bedside.chair, bedside.protocol
    patient = PatientForm(theme, bedside, bridge)
    product = ProductForm(theme, chair, bedside, bridge)
    order = OrderForm(theme, chair, bedside, bridge)
    devices = DeviceForm(theme, bedside, bridge)
    double = DoubleForm(theme, bedside, bridge)
    start = StartForm(theme, chair, protocol)
    start.use_sound(SoundTestRow(theme, bedside, bridge, full=False))
    known = {CONSENT, TODAY, TIME_OUT, READINESS, *OWN_FORMS}
    lists = protocol.rules.checklists.content.list
    added = tuple(row.key for row in lists if row.phase == "prepare" and row.key not in known)
    by_step: dict[str, StepForm] = {
        steps.PATIENT: patient,
        steps.COURSE: CourseForm(theme, bedside, bridge),
        steps.PRODUCT: product,
        steps.ORDER: order,
        steps.CONSENT: ChecklistForm(theme, chair, protocol, (CONSENT, TODAY)),
        steps.LINE: LineForm(theme, chair, protocol),
        steps.DEVICES: devices,
        steps.PREMED: PremedForm(theme, chair, protocol),
        steps.READINESS: ChecklistForm(theme, chair, protocol, (READINESS, *added)),
        steps.DOUBLE: double,
        steps.OWN_LIMIT: OwnLimitForm(theme, chair),
        steps.START: start,
    }
    return Forms(by_step, patient, product, order, devices, double, start)
