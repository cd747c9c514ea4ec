"""What holds of the alarms whatever happens: nothing that lasts is missing, nothing is silenced but what may be."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from exomonitor.alarms.policy import AUDIO_PAUSE_S, BURST_S, AlarmState
from exomonitor.alarms.sounding import PauseRefused
from exomonitor.alarms.views import cause_lines
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.alarms.alarm_bed import HIGH, LOW, MEDIUM, Bedside

KEYS = ("a", "b", "c")
PRIORITIES = (LOW, MEDIUM, HIGH)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(KEYS), st.sampled_from(PRIORITIES), st.sampled_from([0.0, 5.0])),
        st.tuples(st.just("clear"), st.sampled_from(KEYS)),
        st.tuples(st.just("ack"), st.sampled_from((*KEYS, None))),
        st.tuples(st.just("pause")),
        st.tuples(st.just("wait"), st.sampled_from([0.25, 1.0, 7.0, 31.0, 121.0, 181.0])),
    ),
    max_size=30,
)
SPOILT = (Validity.HELD, Validity.UNAVAILABLE, Validity.QUESTIONABLE, Validity.SENSOR_OFF)
MANY = settings(max_examples=40)


class Told:
    """Plays acts, and knows by itself which conditions hold and since when."""

    def __init__(self, group=""):
        self.bed = Bedside()
        self.group = group
        self.holds = {}

    def act(self, what, *more):
        bed = self.bed
        if what == "set":
            key, priority, delay_s = more
            since = self.holds[key][0] if key in self.holds else bed.now
            self.holds[key] = (since, priority, delay_s)
            bed.technical(key, True, priority, key, delay_s, group=self.group)
        elif what == "clear":
            self.holds.pop(more[0], None)
            bed.technical(more[0], False)
        elif what == "ack":
            bed.acknowledge(more[0])
        elif what == "pause":
            with suppress(PauseRefused):
                bed.manager.pause_audio(bed.now)
        else:
            bed.wait(more[0])

    def due(self):
        """The conditions that must be on the screen, with their priority."""
        return {k: p for k, (since, p, delay_s) in self.holds.items() if self.bed.now.since(since) >= delay_s}


@given(ACTS, st.sampled_from(["", "circulation"]))
@MANY
def test_what_holds_longer_than_its_delay_is_always_shown_and_acknowledging_never_clears_it(acts, group):
    told = Told(group)
    for act in acts:
        told.act(*act)
        shown = {view.key: view.priority for view in told.bed.manager.views()}
        for key, priority in told.due().items():
            assert shown.get(key) is priority
        lines = cause_lines(told.bed.manager.views())
        assert {v.key for line in lines for v in (line.head, *line.parts)} == set(shown)


@given(ACTS, st.sampled_from(["", "circulation"]))
@MANY
def test_whatever_is_active_and_nobody_has_paused_or_answered_is_heard(acts, group):
    told = Told(group)
    for act in acts:
        told.act(*act)
        bed = told.bed
        views = bed.manager.views()
        active = [view for view in views if view.state is AlarmState.ACTIVE and not view.quiet]
        if active and bed.manager.audio_paused_until is None:
            assert bed.sound() is not None
            assert bed.sound() >= max(view.priority for view in active)
        if bed.sound() is None:
            assert all(bed.why(view.key) for view in bed.manager.views())


@given(ACTS)
@MANY
def test_only_what_is_not_high_is_quiet_and_only_while_its_event_stands_acknowledged(acts):
    told = Told("circulation")
    for act in acts:
        told.act(*act)
        views = told.bed.manager.views()
        for quiet in (view for view in views if view.quiet and view.state is AlarmState.ACTIVE):
            assert quiet.priority is not HIGH
            assert any(view.state is AlarmState.ACKED and view.priority >= quiet.priority for view in views)


@given(ACTS, st.sampled_from(["", "circulation"]))
@MANY
def test_no_high_alarm_is_without_sound_for_longer_than_one_pause_before_it_is_acknowledged(acts, group):
    told = Told(group)
    silent = dict.fromkeys(KEYS, 0.0)
    for act in (*acts, *[("pause",), ("wait", 7.0)] * 20):
        told.act(*act)
        bed = told.bed
        stands = {v.key for v in bed.manager.views() if v.state is AlarmState.ACTIVE and v.priority is HIGH}
        for key in KEYS:
            if key not in stands or bed.sound() is HIGH:
                silent[key] = 0.0
            elif act[0] == "wait":
                silent[key] += act[1]
            assert silent[key] <= AUDIO_PAUSE_S


@given(ACTS, st.sampled_from(["", "circulation"]))
@MANY
def test_nothing_sounds_while_paused_but_a_single_burst_of_something_new(acts, group):
    told = Told(group)
    for act in acts:
        told.act(*act)
        bed = told.bed
        if bed.manager.audio_paused_until is None or bed.sound() is None:
            continue
        pause = bed.manager.picture(bed.now).pause
        heard = bed.manager.picture(bed.now).heard
        assert pause is not None
        for view in (view for view in bed.manager.views() if view.key in heard):
            assert view.raised_at is not None
            assert view.raised_at.since(pause.at) > 0
            assert bed.now.since(view.raised_at) < BURST_S


@given(ACTS, st.sampled_from(KEYS))
@MANY
def test_acknowledging_one_condition_changes_no_other(acts, key):
    told = Told()
    for act in acts:
        told.act(*act)
    bed = told.bed
    before = {view.key: view for view in bed.manager.views() if view.key != key}
    bed.acknowledge(key)
    assert {view.key: view for view in bed.manager.views() if view.key != key} == before


@given(ACTS)
@MANY
def test_no_pause_lasts_longer_than_two_minutes_from_its_key(acts):
    told = Told()
    for act in acts:
        told.act(*act)
        until = told.bed.manager.audio_paused_until
        assert until is None or 0 < until.since(told.bed.now) <= 120


@given(ACTS)
@MANY
def test_the_transitions_of_each_condition_join_up(acts):
    told = Told()
    for act in acts:
        told.act(*act)
    stands = dict.fromkeys(KEYS, AlarmState.NORMAL)
    for change in told.bed.seen:
        assert change.from_state is stands[change.key]
        stands[change.key] = change.to_state


@given(st.lists(st.one_of(st.none(), st.floats(70, 100)), min_size=1, max_size=80), st.booleans())
@settings(max_examples=40)
def test_a_low_saturation_that_lasts_is_on_the_screen(values, baseline):
    bed = Bedside()
    if baseline:
        bed.of(baseline={Sign.SPO2: 97.0})
    run = 0
    for value in values:
        bed.tell(Sign.SPO2, value)
        run = run + 1 if value is not None and value < 90 else 0
        if run > 15:
            assert bed.standing("spo2_low") is not None
        bed.clock.advance(1.0)


@given(
    st.lists(
        st.sampled_from([None, None, None, *SPOILT]),
        min_size=60,
        max_size=120,
    )
)
@settings(max_examples=60)
def test_a_low_saturation_alarms_whatever_is_missing_in_between(said):
    """Each second a low value, a doubtful one or none; what was measured adds up."""
    bed, measured_s = Bedside(), 0
    for validity in said:
        has_value = validity in {None, Validity.QUESTIONABLE}
        bed.tell(Sign.SPO2, 80.0 if has_value else None, validity)
        bed.clock.advance(1.0)
        measured_s += has_value
        assert measured_s < 17 or bed.manager.views() != ()
