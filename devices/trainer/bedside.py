"""What a trainer lets happen at the pump and to the patient, and the alarm that the nurse sees then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.scenes import Scene
from devices.spec import Role
from devices.trainer.move import Act, Move, then
from exomonitor.engine.ports import Trick

PUMP, PATIENT = "Pump", "Patient"
_SPACE, _ALARIS, _BASE = "bbraun-space", "alaris-asena", "fresenius-base"
_WITH_CUFF = ("ge-dri", "philips-intellivue")
_WITH_ECG = ("ge-dri", "philips-intellivue")
_OFF_PLAN_ML_H = 30.0
_NEW_VOLUME_ML = 500.0
_IMPOSSIBLE_ML_H = 99999.0
_WELL = {"spo2": 97.0, "hr": 78.0, "nibp_sys": 124.0, "nibp_dia": 76.0, "rr": 15.0, "temp": 36.6}
_NONSENSE = {"hr": 320.0, "spo2": 0.4, "rr": 140.0, "temp": 60.0}


def _pump(key: str, words: str, sees: str, alarm: str, act: Act, *families: str) -> Move:
    return Move(Trick(f"key.{key}", PUMP, words, sees, alarm), act, Role.PUMP, families)


def _pressed(action: str, **values: Any) -> Act:
    return lambda scene: scene.press(Role.PUMP, action, **values)


def _relayed(key: str, words: str, told: str, act: Act, *families: str) -> Move:
    return _pump(key, words, f"The pump's alarm: {told}", "relayed", act, *families)


def _rate_back(scene: Scene) -> None:
    """The rate of the plan's step at this moment."""
    scene.press(Role.PUMP, "set_rate", rate_ml_h=scene.planned_ml_h)


_UNBLOCKED = _pressed("clear_occlusion")
_CALM = _pressed("clear_alarms")
PUMPS: tuple[Move, ...] = (
    _relayed("occlude", "Line occluded", "Pressure high: line blocked after the pump", _pressed("occlude"), _SPACE),
    _relayed("occlude", "Line occluded", "Occlusion: line blocked after the pump", _pressed("occlude"), _ALARIS),
    _relayed("occlude", "Line occluded", "Pump alarm", _pressed("occlude"), _BASE),
    _pump("occlude", "Line occluded", "The pump stalls and stops; the question why", "", _pressed("occlude"),
          "new-era", "harvard-ultra"),
    _pump("unblock", "Line free, alarms cleared", "The pump's alarms end", "", then(_UNBLOCKED, _CALM),
          _SPACE, _ALARIS, _BASE),
    _pump("unblock", "Line free again", "The pump can be started again", "", _UNBLOCKED, "new-era", "harvard-ultra"),
    _relayed("air", "Air in the line", "Air in line", _pressed("air"), _SPACE),
    _relayed("door", "Pump door opened", "Pump door open", _pressed("door"), _SPACE),
    _relayed("battery", "Battery low", "Battery nearly empty", _pressed("battery_low"), _SPACE),
    _relayed("battery", "Battery low", "Battery low", _pressed("battery_low"), _ALARIS),
    _relayed("battery", "Battery low", "Pump alarm", _pressed("battery_low"), _BASE),
    _relayed("mains", "Mains cable out", "Mains power lost: running on battery", _pressed("mains", on=False), _SPACE),
    _relayed("mains", "Mains cable out", "Mains disconnected: running on battery", _pressed("mains", on=False),
             _ALARIS),
    _pump("mains_on", "Mains cable in again", "The mains alarm ends", "", _pressed("mains", on=True), _SPACE, _ALARIS),
    _relayed("end", "Volume delivered, then KVO", "Volume to be infused is delivered", _pressed("end"), _SPACE),
    _pump("again", "New volume set, started", "The pump runs again", "",
          _pressed("start", vtbi_ml=_NEW_VOLUME_ML), _SPACE),
    _pump("kvo", "Pump goes to KVO", "Pump keeps the vein open (KVO)", "", _pressed("kvo"), _SPACE),
    _relayed("near_end", "Near the end", "Near the end of the infusion", _pressed("alarm", code="AL_NEOIN"), _ALARIS),
    _relayed("end", "End of the infusion", "End of infusion: stopped", _pressed("alarm", code="AL_EOIST"), _ALARIS),
    _pump("rate", f"Rate set to {_OFF_PLAN_ML_H:g} mL/h", f"Pump rate {_OFF_PLAN_ML_H:g}, planned ... after 60 s",
          "pump.rate", _pressed("set_rate", rate_ml_h=_OFF_PLAN_ML_H)),
    _pump("nonsense", "Rate that no pump can have", "No rate: it is out of range and not believed", "",
          _pressed("set_rate", rate_ml_h=_IMPOSSIBLE_ML_H), _SPACE),
    _pump("rate_back", "Rate as planned again", "The rate alarm ends", "", _rate_back),
    _pump("stop", "Somebody presses STOP", "Pump stopped, and the question why", "", _pressed("stop")),
    _pump("start", "Somebody presses START", "The pump runs; the question is answered or stays", "", _pressed("start")),
    _pump("clear", "Volume counter cleared", "Delivered goes on", "", _pressed("clear_volume")),
)  # fmt: skip


def _patient(
    key: str, words: str, sees: str, alarm: str, over_s: float, targets: Mapping[str, float], *families: str
) -> Move:
    trick = Trick(f"patient.{key}", PATIENT, words, sees, alarm)
    return Move(trick, lambda scene: scene.happen(over_s, targets), Role.MONITOR, families)


def _sensor(key: str, words: str, sees: str, alarm: str, *families: str) -> Move:
    trick = Trick(f"patient.{key}", PATIENT, words, sees, alarm)
    sensor = key.removesuffix("_off")
    return Move(trick, lambda scene: scene.happen(0.0, {}, sensor, True), Role.MONITOR, families)


def _sensors_on(scene: Scene) -> None:
    for sensor in ("ecg", "spo2", "nibp", "temp"):
        scene.happen(0.0, {}, sensor, False)


def _cuff(scene: Scene) -> None:
    """Somebody presses the monitor's key a little later, so that what has changed is measured."""
    scene.press(Role.MONITOR, "nibp", at_s=scene.now_s + 6.0)


def _cuff_off(scene: Scene) -> None:
    scene.happen(0.0, {}, "nibp", True)


def _pressure_falls(scene: Scene) -> None:
    scene.happen(5.0, {"nibp_sys": 72.0, "nibp_dia": 40.0, "hr": 118.0})


def _cuffed(key: str, words: str, sees: str, alarm: str, act: Act) -> Move:
    return Move(Trick(f"patient.{key}", PATIENT, words, sees, alarm), then(act, _cuff), Role.MONITOR, _WITH_CUFF)


PATIENTS: tuple[Move, ...] = (
    _patient("desat", "SpO₂ falls to 82 %", "SpO₂ LOW, medium and then high", "spo2", 20.0, {"spo2": 82.0}),
    _patient("fast", "Heart rate rises to 150", "HR HIGH", "hr", 15.0, {"hr": 150.0}),
    _patient("slow", "Heart rate falls to 35", "HR LOW", "hr", 15.0, {"hr": 35.0}),
    _patient("breath_fast", "Breathing rises to 34", "RR HIGH", "rr_high", 15.0, {"rr": 34.0}, *_WITH_ECG),
    _patient("breath_slow", "Breathing falls to 6", "RR LOW", "rr_low", 15.0, {"rr": 6.0}, *_WITH_ECG),
    _patient("fever", "Fever of 39.5 °C", "TEMP HIGH after 30 s", "temp_high", 20.0, {"temp": 39.5}, *_WITH_ECG),
    _cuffed("pressure", "Pressure falls to 72/40", "SBP LOW after the cuff reading", "nibp_sys", _pressure_falls),
    _cuffed("cuff", "Cuff leaks", "NIBP FAILED (low); later the last pressure counts as old", "nibp.failed", _cuff_off),
    _sensor("spo2_off", "SpO₂ sensor comes off", "SpO₂ SENSOR OFF after 10 s", "sensor_off_spo2"),
    _sensor("ecg_off", "ECG lead comes off", "ECG LEADS OFF after 10 s", "sensor_off_hr", *_WITH_ECG),
    _sensor("temp_off", "Temperature probe off", "TEMPERATURE PROBE OFF", "sensor_off_temp", *_WITH_ECG),
    _patient("nonsense", "Values that nobody can have", "HR 320, 60 °C and the like: questionable or missing", "", 0.0,
             _NONSENSE),
    Move(Trick("patient.sensors_on", PATIENT, "All sensors on again", "The values are there again"), _sensors_on,
         Role.MONITOR),
    _patient("well", "Patient is well again", "The alarms end by themselves", "", 20.0, _WELL),
)  # fmt: skip
