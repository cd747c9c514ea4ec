"""The live sweep, painted off screen: what is drawn is what came, gaps are empty, and only new columns are touched."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from exomonitor.clock import ManualClock
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk, WaveName
from ui.plots.palette import DARK_PLOT
from ui.plots.scale import LaneScale
from ui.plots.sweep import TOO_FAST, SweepView, WaveShown
from ui.plots.sweep_image import ERASE_PX, SweepImage

GREEN, BLUE = "#00ff00", "#0000ff"
BACK = QColor(DARK_PLOT.background)


@dataclass
class Stage:
    """A view with its two clocks: that of the frames, and that of the data."""

    view: SweepView
    clock: ManualClock
    frame_s: list[float] = field(default_factory=lambda: [0.0])

    def send(self, wave: WaveName = WaveName.PLETH, rate: float = 100.0, **changes: object) -> None:
        """A quarter second of a triangle."""
        count = round(rate / 4)
        samples = (np.abs(np.arange(count) % 20 - 10) * 50).astype(np.int16)
        chunk = WaveChunk("m", wave, rate, samples, 0.001, "%", self.clock.now())
        for name, value in changes.items():
            object.__setattr__(chunk, name, value)
        self.view.add_chunk(chunk)

    def pass_time(self, seconds: float, send: Callable[[], None] | None = None) -> None:
        """Real time passes; every quarter second `send` is called."""
        for turn in range(round(seconds * 32)):
            if turn % 8 == 0:
                self.clock.advance(0.25)
                if send is not None:
                    send()
            self.frame_s[0] += 1 / 32
            self.view.draw_frame()

    def picture(self) -> QImage:
        return self.view.grab().toImage()

    def columns(self) -> list[bool]:
        """For each column below the lane's name, whether anything is drawn in it."""
        image = self.picture()
        return [any(image.pixelColor(x, y) != BACK for y in range(24, image.height(), 1)) for x in range(image.width())]


@pytest.fixture
def stage(qtbot) -> Stage:
    seconds = [0.0]
    view = SweepView(seconds=lambda: seconds[0])
    qtbot.addWidget(view)
    view.resize(400, 120)
    view.set_waves([WaveShown(WaveName.PLETH, "Pleth", GREEN)])
    made = Stage(view, ManualClock(), seconds)
    view.show()
    view._timer.stop()  # the test makes the frames
    return made


def test_samples_become_columns_at_25_mm_per_second(stage):
    stage.pass_time(2.0, stage.send)
    drawn = [x for x, there in enumerate(stage.columns()) if there]
    per_s = stage.view._px_per_s()
    assert max(drawn) == pytest.approx(stage.view._image.cursor, abs=3)
    assert stage.view._image.cursor == pytest.approx((2.0 - 0.15) * per_s, rel=0.25)


def test_when_data_stop_nothing_is_drawn_again_and_the_gap_is_empty(stage):
    stage.pass_time(1.5, stage.send)
    before = int(stage.view._image.cursor)
    stage.pass_time(2.2)
    after = int(stage.view._image.cursor)
    assert after > before + 40
    assert stage.view._lanes[WaveName.PLETH].problem() == "no data"
    between = stage.columns()[before + 45 : min(after, 400)]
    # the words `no data` stand at the right; the columns in between are empty
    assert not any(between[: max(0, 170 - before - 45)])


def test_after_a_gap_the_line_begins_anew(stage):
    stage.pass_time(1.0, stage.send)
    stage.pass_time(1.2)
    stage.pass_time(1.0, stage.send)
    columns = stage.columns()
    drawn = [x for x, there in enumerate(columns) if there]
    holes = [b - a for a, b in itertools.pairwise(drawn) if b - a > 1]
    assert max(holes) > 0.8 * stage.view._px_per_s()


def test_missing_samples_break_the_line(stage):
    samples = np.full(25, MISSING_SAMPLE, dtype=np.int16)
    stage.pass_time(1.0, stage.send)
    stage.pass_time(0.5, lambda: stage.send(samples=samples))
    stage.pass_time(1.0, stage.send)
    drawn = [x for x, there in enumerate(stage.columns()) if there]
    assert max(b - a for a, b in itertools.pairwise(drawn)) > 0.35 * stage.view._px_per_s()


def test_lead_off_is_said_and_taken_back(stage):
    stage.pass_time(0.5, lambda: stage.send(lead_off=True))
    assert stage.view._lanes[WaveName.PLETH].shown == "lead off"
    stage.pass_time(0.5, stage.send)
    assert stage.view._lanes[WaveName.PLETH].shown == ""


def test_behind_the_erase_bar_lies_the_old_trace_and_it_is_dimmer(stage):
    width_s = 400 / stage.view._px_per_s()
    stage.pass_time(width_s + 1.5, stage.send)
    cursor = int(stage.view._image.cursor) % 400
    columns = stage.columns()
    assert not any(columns[cursor + 3 : cursor + ERASE_PX - 3])
    image = stage.picture()
    new = max(image.pixelColor(cursor - 10, y).green() for y in range(24, 120))
    old = max(image.pixelColor(cursor + 60, y).green() for y in range(24, 120))
    assert old < new


def test_a_frame_touches_only_new_columns(qtbot):
    image = SweepImage(QSize(500, 100), 1.0, BACK)
    changed = image.advance(4.0)
    assert changed.width() < 30


def test_all_waves_share_one_cursor_whatever_their_rates(qtbot, stage):
    stage.view.set_waves([
        WaveShown(WaveName.ECG_II, "II", GREEN), WaveShown(WaveName.PLETH, "Pleth", GREEN),
        WaveShown(WaveName.RESP, "R", BLUE),
    ])  # fmt: skip

    def send() -> None:
        stage.send(WaveName.ECG_II, 300.0)
        stage.send(WaveName.PLETH, 100.0)
        stage.send(WaveName.RESP, 25.0)

    stage.pass_time(2.0, send)
    ends = [lane.prepared_s for lane in stage.view._lanes.values()]
    assert len(ends) == 3
    assert max(ends) - min(ends) < 0.1
    assert min(ends) > stage.view._playout.at_s


def test_a_resize_and_another_look_keep_the_waves(stage):
    stage.pass_time(1.0, stage.send)
    stage.view.resize(500, 140)
    stage.view.set_colours(DARK_PLOT)
    stage.pass_time(1.0, stage.send)
    assert any(stage.columns())


def test_after_it_was_hidden_the_view_goes_on_with_what_is_newest(stage):
    stage.pass_time(1.0, stage.send)
    stage.view.hide()
    for _ in range(200):
        stage.clock.advance(0.25)
        stage.send()
    stage.view.show()
    stage.view._timer.stop()
    stage.pass_time(1.0, stage.send)
    assert stage.view._playout.at_s == pytest.approx(stage.clock.now().mono_ns / 1e9, abs=0.6)
    assert stage.view._image.cursor < 1.6 * stage.view._px_per_s()
    assert any(stage.columns())


def test_another_boot_begins_an_empty_sweep(stage):
    stage.pass_time(2.0, stage.send)
    stage.clock = ManualClock(boot_id="another")
    stage.pass_time(0.5, stage.send)
    assert stage.view._image.cursor < stage.view._px_per_s()


def test_an_ecg_keeps_its_scale_until_it_would_not_fit():
    scale = LaneScale(WaveName.ECG_II)
    scale.saw(np.array([-0.3, 1.1] * 400, dtype=np.float32), 300)
    assert not scale.new_sweep()
    scale.saw(np.array([-0.3, 2.4] * 400, dtype=np.float32), 300)
    assert scale.new_sweep()
    assert scale.times == 2


def test_a_flat_wave_is_not_blown_up_to_fill_its_lane():
    scale = LaneScale(WaveName.PLETH)
    scale.saw(np.array([0.500, 0.5001] * 200, dtype=np.float32), 100)
    assert scale.hi - scale.lo > 0.02


def test_the_live_page_needs_no_pyqtgraph():
    program = "import sys, ui.plots.sweep, ui.plots.trend, ui.plots.rate_preview; sys.exit('pyqtgraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
def test_a_second_is_as_many_millimetres_as_the_speed_says(stage, speed):
    stage.view.set_speed(speed, diagonal_in=15.6)
    per_mm = stage.view.size_of_screen().px_per_mm
    stage.pass_time(1.0, stage.send)
    begun, begun_s = stage.view._image.cursor, stage.view._playout.at_s
    stage.pass_time(1.0, stage.send)
    assert begun_s is not None
    assert stage.view._playout.at_s is not None
    seconds = stage.view._playout.at_s - begun_s
    assert (stage.view._image.cursor - begun) / per_mm == pytest.approx(speed * seconds, rel=0.01)
    assert stage.view._headings()[0].endswith(f"{speed:g} mm/s")


def test_where_the_screen_tells_nothing_the_speed_is_not_calibrated(stage):
    assert stage.view._headings()[0].endswith("speed not calibrated")


def test_a_lane_in_millivolts_says_what_its_height_means_and_has_a_mark(stage):
    stage.view.set_speed(25.0, diagonal_in=15.6)
    stage.view.set_waves([WaveShown(WaveName.ECG_II, "II", GREEN, gain=2)])
    stage.pass_time(0.5, lambda: stage.send(WaveName.ECG_II, 300.0, unit="mV"))
    (lane,) = stage.view._lanes.values()
    per_mm = lane.height / (lane.scale.hi - lane.scale.lo) / stage.view.size_of_screen().px_per_mm
    assert stage.view._headings()[0] == f"mV · {per_mm:.1f} mm/mV · ×2 · 25 mm/s"
    assert lane.mark_mv() == 0.5
    assert lane.y(0) - lane.y(lane.mark_mv()) == pytest.approx(lane.height * 0.5 / 1.1)


def test_what_does_not_fit_into_its_lane_is_said_to_be_cut_off(stage):
    stage.view.set_waves([WaveShown(WaveName.ECG_II, "II", GREEN, gain=4)])
    stage.pass_time(0.5, lambda: stage.send(WaveName.ECG_II, 300.0, gain=0.003, unit="mV"))
    assert "cut off at the edge" in stage.view._headings()[0]


def test_twice_the_gain_is_twice_the_height(stage):
    def height(gain: float) -> int:
        stage.view.set_waves([WaveShown(WaveName.ECG_II, "II", GREEN, gain)])
        stage.view._start_over()
        stage.pass_time(1.5, lambda: stage.send(WaveName.ECG_II, 300.0, gain=0.0004, unit="mV"))
        image = stage.picture()
        rows = {y for y in range(20, 120) for x in range(60, 180) if image.pixelColor(x, y).green() > 200}
        return max(rows) - min(rows)

    assert height(2) == pytest.approx(2 * height(1), abs=4)


def test_time_that_runs_too_fast_for_a_sweep_is_said_and_slow_time_is_drawn_again(stage):
    for _ in range(200):
        stage.clock.advance(2.0)
        for ago in range(8):
            stage.send(at=stage.clock.now().plus(-0.25 * (7 - ago)))
        stage.frame_s[0] += 1 / 32
        stage.view.draw_frame()
    assert stage.view._pace > TOO_FAST
    assert "times as fast as a clock" in stage.view.notice()
    stage.pass_time(8.0, stage.send)
    assert stage.view.notice() == ""
    assert any(stage.columns())


def test_two_devices_with_the_same_wave_do_not_mix(stage):
    stage.pass_time(1.0, lambda: (stage.send(), stage.send(source="other", gain=1.0)))
    assert stage.view._lanes[WaveName.PLETH].source == "m"
    stage.pass_time(3.0, lambda: stage.send(source="other"))
    assert stage.view._lanes[WaveName.PLETH].source == "other"


def test_a_touch_on_the_waves_is_told(qtbot, stage):
    with qtbot.waitSignal(stage.view.touched, timeout=500):
        qtbot.mouseClick(stage.view, Qt.MouseButton.LeftButton)
