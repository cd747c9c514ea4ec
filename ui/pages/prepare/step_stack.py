"""What the preparation has in its middle: a stack of steps, each made when it first comes to the front."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.pages.observation.page import ObservationPage
from ui.pages.prepare.device_step import DeviceForm
from ui.pages.prepare.double_step import DoubleForm
from ui.pages.prepare.forms import StepForms
from ui.pages.prepare.order import OrderForm
from ui.pages.prepare.patient import PatientForm
from ui.pages.prepare.product import ProductForm
from ui.pages.prepare.start_step import StartForm
from ui.pages.prepare.step_drafts import StepDrafts
from ui.pages.prepare.step_form import StepForm
from ui.pages.prepare.steps import BASELINE, DEVICES, DOUBLE, ORDER, PATIENT, PRODUCT, START
from ui.theme import Theme
from ui.widgets.late_stack import LateStack


class StepStack(QWidget):
    """The base of the preparation's page. A form knows the newest picture, and what was half entered in it, as soon as
    it is made: together they are as much as five windows, and a nurse who comes back needs the one that is open."""

    baseline_recorded = Signal(str)
    baseline_closed = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot: Snapshot | None = None
        self._stack = LateStack()
        self._pages: dict[str, QWidget] = {}
        self.forms = StepForms(theme, bedside, bridge, self._ready)
        self.drafts = StepDrafts(bridge, self.forms, theme, lambda: self.show_snapshot(self._bedside.latest()))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What is made follows the picture."""
        self._snapshot = snapshot
        for form in tuple(self.forms.made().values()):
            form.show_snapshot(snapshot)
        self.drafts.follow()
        if BASELINE in self._pages:
            self.baseline.show_snapshot(snapshot)

    def wire(self, key: str, form: StepForm) -> None:
        """Join a form that was just made to the page."""

    def on_edited(self) -> None:
        """Somebody has entered something in a step."""

    def _ready(self, key: str, form: StepForm) -> None:
        self._put(key, form)
        self.wire(key, form)
        if self._snapshot is not None:
            form.show_snapshot(self._snapshot)
        self.drafts.add(key, form)
        form.edited.connect(self.on_edited)  # last: what the record and the draft put into it is nobody's entry

    def _put(self, key: str, form: QWidget) -> None:
        self._pages[key] = area = QScrollArea()
        area.setAccessibleName("Step")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(form)
        self._stack.addWidget(area)

    def page_of(self, key: str) -> QWidget:
        """The step's place in the stack; its form is made when it is first asked for."""
        if key not in self._pages:
            self._make(key)
        return self._pages[key]

    def _make(self, key: str) -> None:
        _ = self.baseline if key == BASELINE else self.forms[key]  # the first look makes it and puts it into its place

    @cached_property
    def baseline(self) -> ObservationPage:
        """The set before the start."""
        made = ObservationPage(self._bedside, self._bridge, self._theme)
        made.recorded.connect(self.baseline_recorded)
        made.closed.connect(self.baseline_closed)
        self._put(BASELINE, made)
        if self._snapshot is not None:
            made.show_snapshot(self._snapshot)
        return made

    @property
    def is_blind(self) -> bool:
        """Whether the second person is at work."""
        return DOUBLE in self.forms.made() and self.double.blind

    @property
    def patient(self) -> PatientForm:
        """Who sits here."""
        form = self.forms[PATIENT]
        assert isinstance(form, PatientForm)
        return form

    @property
    def product(self) -> ProductForm:
        """What is given."""
        form = self.forms[PRODUCT]
        assert isinstance(form, ProductForm)
        return form

    @property
    def order(self) -> OrderForm:
        """How much, how fast."""
        form = self.forms[ORDER]
        assert isinstance(form, OrderForm)
        return form

    @property
    def devices(self) -> DeviceForm:
        """What is read."""
        form = self.forms[DEVICES]
        assert isinstance(form, DeviceForm)
        return form

    @property
    def double(self) -> DoubleForm:
        """The second check."""
        form = self.forms[DOUBLE]
        assert isinstance(form, DoubleForm)
        return form

    @property
    def start(self) -> StartForm:
        """The time-out and the start."""
        form = self.forms[START]
        assert isinstance(form, StartForm)
        return form
