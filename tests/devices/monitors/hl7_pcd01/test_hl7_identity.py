"""Written and read again is the same: any message of lines, any observation and any alarm of a cart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.monitors.hl7_pcd01.wire import messages, mllp
from devices.monitors.hl7_pcd01.wire.messages import Message, Segment
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import VitalReading
from tests.devices.monitors.hl7_pcd01.hl7_talk import Bench, tell

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|"), max_size=20)
FIELDS = st.lists(TEXT, max_size=8)
UNITS = {
    "150456^MDC_PULS_OXIM_SAT_O2^MDC": ("spo2", "262688^MDC_DIM_PERCENT^MDC", st.integers(1, 100)),
    "149530^MDC_PULS_OXIM_PULS_RATE^MDC": ("pulse", "264864^MDC_DIM_BEAT_PER_MIN^MDC", st.integers(20, 300)),
    "150344^MDC_TEMP^MDC": ("temp", "268192^MDC_DIM_DEGC^MDC", st.integers(250, 450).map(lambda tenths: tenths / 10)),
}
VALUES = st.fixed_dictionaries({code: st.none() | values for code, (_, _, values) in UNITS.items()})
START = ManualClock().now()
EVENTS = st.from_regex(r"MDC_EVT_[A-Z]{2,12}", fullmatch=True)


def line(name: str, fields: list[str]) -> str:
    return "|".join([name, *fields])


@given(FIELDS, st.lists(st.tuples(st.sampled_from(["PID", "PV1", "OBR", "NTE", "ZV1"]), FIELDS), max_size=6), FIELDS)
def test_lines_written_and_read_are_the_same(
    head: list[str], rest: list[tuple[str, list[str]]], obx: list[str]
) -> None:
    fields = [messages.ENCODING, *(head + [""] * 6)[:6], "ORU^R01^ORU_R01", "7", "P", "2.6"]
    observed = ["1", "NM", "150456^MDC_PULS_OXIM_SAT_O2^MDC", *obx]
    sent = [line("MSH", fields), *(line(name, told) for name, told in rest), line("OBX", observed)]
    [block] = mllp.BlockCutter().feed(mllp.frame(messages.encode_message(sent)), START)
    assert isinstance(block, mllp.Block)
    read = messages.parse_message(block.data)
    assert isinstance(read, Message)
    assert read.header == Segment("MSH", ("|", *fields))
    assert read.segments[1:] == (*(Segment(name, tuple(told)) for name, told in rest), Segment("OBX", tuple(observed)))
    assert [line(one.name, list(one.fields[one.name == "MSH" :])) for one in read.segments] == sent


@given(VALUES)
def test_any_observations_written_are_read_as_the_same_values(values: dict[str, float | None]) -> None:
    bench = Bench()
    obx = [
        f"OBX|{number}|NM|{code}|1.3.1.{number}|{'' if value is None else f'{value:g}'}|{UNITS[code][1]}"
        f"|||||{'X' if value is None else 'R'}"
        for number, (code, value) in enumerate(values.items(), start=1)
    ]
    read = {
        fact.sign.value: fact.value
        for fact in tell(bench.driver, bench.clock, 1, *obx)
        if isinstance(fact, VitalReading)
    }
    assert read == {UNITS[code][0]: value for code, value in values.items()}


@given(
    st.fixed_dictionaries(
        {
            "hr": st.integers(30, 200).map(float),
            "rr": st.integers(6, 40).map(float),
            "temp": st.integers(340, 410).map(lambda tenths: tenths / 10),
        }
    ),
    st.integers(1, 50),
)
def test_what_the_cart_sends_is_what_its_screen_shows(baseline: dict[str, float], seed: int) -> None:
    world = PatientWorld(seed, baseline)
    bench = Bench(world, nibp_interval_s=0.0)
    facts = bench.run(2.0)
    now = world.vitals(1.0)
    read = {fact.sign.value: fact.value for fact in facts if isinstance(fact, VitalReading)}
    shown = {"spo2": round(now.spo2), "pulse": round(now.hr), "temp": round(now.temp, 1), "pi": round(now.pi, 2)}
    assert {sign: read[sign] for sign in shown} == shown
    assert all(fact.validity is not Validity.INVALID for fact in facts if isinstance(fact, VitalReading))


@given(EVENTS, st.sampled_from(["PH", "PM", "PL"]), st.sampled_from(["SP", "ST", "SA"]))
def test_any_alarm_written_is_relayed_once_with_its_event_and_priority_and_ended(
    event: str, priority: str, kind: str
) -> None:
    bench = Bench(nibp_interval_s=0.0)
    bench.run(2.0)
    bench.press("alarm", event=event, priority=priority, kind=kind)
    begun = [fact for fact in bench.run(2.0) if isinstance(fact, RelayedAlarm)]
    bench.press("end_alarm", event=event)
    ended = [fact for fact in bench.run(2.0) if isinstance(fact, RelayedAlarm)]
    assert [(fact.active, event in f"{fact.code} {fact.text}") for fact in begun + ended] == [
        (True, True),
        (False, True),
    ]
    assert {fact.code for fact in begun} == {fact.code for fact in ended}
    assert begun[0].physiological == (kind == "SP")
    assert begun[0].priority == {"PH": "high", "PM": "medium", "PL": "low"}[priority]


def spo2(number: int, equipment: str) -> str:
    return f"OBX|{number}|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|97|262688^MDC_DIM_PERCENT^MDC|||||R|||||||{equipment}"


def test_two_carts_behind_one_gateway_are_told_apart_by_their_equipment() -> None:
    bench = Bench()
    seen = []
    for number, equipment in enumerate(("A1^^00A037FFFE0001^EUI-64", "", "B2^^00A037FFFE0002^EUI-64", "C3"), start=1):
        tell(bench.driver, bench.clock, number, spo2(1, equipment), time=f"2026030209000{number}")
        seen.append(bench.driver.identity[1])
    assert seen == ["00A037FFFE0001", "00A037FFFE0001", "00A037FFFE0002", "C3"]


def test_where_observations_name_several_pieces_of_equipment_or_none_the_sender_is_the_device() -> None:
    bench = Bench()
    tell(bench.driver, bench.clock, 1, spo2(1, "A1"), spo2(2, "B2"))
    assert bench.driver.identity == ("CART", "00A0")
    bench = Bench()
    tell(bench.driver, bench.clock, 1, spo2(1, ""))
    assert bench.driver.identity == ("CART", "00A0")
