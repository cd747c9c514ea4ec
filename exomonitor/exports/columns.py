"""Every column of every exported file: one table that writers and the data dictionary share."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.signals.vitals import UNIT_OF, Sign

EVENTS, READINGS, VITALS = "events.csv", "readings.csv", "vitals_wide.csv"
SESSION, REPORT, DICTIONARY = "session.json", "report.pdf", "data_dictionary.csv"
MANIFEST, MANIFEST_HASH = "manifest.json", "manifest.sha256"
MEDWATCH = "medwatch_worksheet.txt"
SIGNATURE, VERIFIER, HOW_TO = "manifest.sig", "verify_export.py", "HOW_TO_VERIFY.txt"

NAME_COLUMN = "actor_name"


@dataclass(frozen=True, slots=True)
class Column:
    """One column or key: what a reader without this program must know of it."""

    file: str
    name: str
    unit: str
    type: str
    meaning: str


_UTC = "moment in UTC, ISO 8601 with milliseconds"
_LOCAL = "the same moment on the session's clock, with its offset from UTC"
_MINUTE = "minutes since the infusion was started, negative before; empty when it was not started"
_MONO = "monotonic clock of that boot: durations are differences of it within one boot_id"
_BOOT = "which boot of the computer mono_ns belongs to"

EVENT_COLUMNS = (
    Column(
        EVENTS,
        "seq",
        "1",
        "integer",
        "number of the entry in the database's journal; other sessions' entries leave holes",
    ),
    Column(EVENTS, "session_seq", "1", "integer", "number of the entry in this session, without holes"),
    Column(EVENTS, "utc", "", "date-time", _UTC),
    Column(EVENTS, "local_time", "", "date-time", _LOCAL),
    Column(EVENTS, "minute", "min", "number", _MINUTE),
    Column(EVENTS, "actor", "", "text", "who did it: an opaque staff id, or station for what no person did"),
    Column(EVENTS, NAME_COLUMN, "", "text", "printed name of the actor; only in an identified export"),
    Column(EVENTS, "station", "", "text", "the workstation"),
    Column(EVENTS, "simulated", "", "boolean", "true on every row of a simulated session, else false"),
    Column(EVENTS, "type", "", "text", "kind of event, as in session.json"),
    Column(
        EVENTS,
        "sentence",
        "",
        "text",
        "what happened, in words, after VOID or LATE ENTRY where it is one; [text withheld] stands for a private text",
    ),
    Column(
        EVENTS, "prev_in_session", "", "SHA-256", "hash of the session's entry before this one; zeros for the first"
    ),
    Column(EVENTS, "hash", "", "SHA-256", "hash of this entry, over its row in session.json without this field"),
)

READING_COLUMNS = (
    Column(READINGS, "utc", "", "date-time", f"when the bytes arrived: {_UTC}"),
    Column(READINGS, "minute", "min", "number", _MINUTE),
    Column(READINGS, "mono_ns", "ns", "integer", _MONO),
    Column(READINGS, "boot_id", "", "text", _BOOT),
    Column(READINGS, "source", "", "text", "which bound device or person the value came from"),
    Column(READINGS, "channel", "", "text", "channel of the device, empty where it has one only"),
    Column(
        READINGS, "name", "", "text", "signal: hr pulse spo2 rr nibp_sys nibp_dia nibp_map temp pi, or a pump's number"
    ),
    Column(
        READINGS,
        "value",
        "see unit",
        "number",
        "empty exactly when validity carries no value: missing is never a number",
    ),
    Column(READINGS, "unit", "UCUM", "text", "UCUM code of the value's unit"),
    Column(
        READINGS,
        "validity",
        "",
        "code",
        "valid, early and questionable carry a value; all others say why there is none",
    ),
    Column(READINGS, "origin", "", "code", "device, simulator, typed or counted"),
    Column(READINGS, "measured_utc", "", "date-time", "when the device measured (NIBP), empty where that is utc"),
    Column(
        READINGS,
        "batch",
        "1",
        "integer",
        "batch in which it was stored; its count and hash stand in a ReadingsStored entry",
    ),
)

_SIGN_MEANING = {
    Sign.HR: "heart rate from ECG",
    Sign.PULSE: "pulse rate",
    Sign.SPO2: "oxygen saturation by pulse oximetry",
    Sign.RR: "respiration rate",
    Sign.NIBP_SYS: "systolic pressure by cuff, in the row of the frame that first told this measurement",
    Sign.NIBP_DIA: "diastolic pressure by cuff, likewise",
    Sign.NIBP_MAP: "mean pressure by cuff, likewise",
    Sign.TEMP: "body temperature",
    Sign.PI: "perfusion index",
}


def sign_column(sign: Sign) -> str:
    """The heading of a sign in the wide table: `hr [/min]`."""
    return f"{sign.value} [{UNIT_OF[sign]}]"


VITAL_COLUMNS = (
    Column(VITALS, "utc", "", "date-time", f"when the frame arrived: {_UTC}"),
    Column(VITALS, "local_time", "", "date-time", _LOCAL),
    Column(VITALS, "minute", "min", "number", _MINUTE),
    Column(VITALS, "source", "", "text", "which bound device the frame came from"),
    Column(VITALS, "channel", "", "text", "channel of the device, empty where it has one only"),
    Column(VITALS, "origin", "", "code", "device, simulator, typed or counted"),
    *(
        Column(
            VITALS,
            sign_column(sign),
            UNIT_OF[sign],
            "number",
            f"{_SIGN_MEANING[sign]}; empty = no valid value, never filled in",
        )
        for sign in Sign
    ),
)

DICTIONARY_COLUMNS = (
    Column(DICTIONARY, "file", "", "text", "file of the export"),
    Column(DICTIONARY, "name", "", "text", "column of a table, or key of an object"),
    Column(DICTIONARY, "unit", "", "text", "unit, UCUM code; 1 = a pure number; empty = none"),
    Column(DICTIONARY, "type", "", "text", "kind of value"),
    Column(DICTIONARY, "meaning", "", "text", "what it is"),
)

OTHER_KEYS = (
    Column(
        SESSION,
        "summary",
        "",
        "object",
        "the figures of the session, the same as in report.pdf; as_of is the moment they hold at",
    ),
    Column(SESSION, "summary.planned_ml", "mL", "number", "ordered volume"),
    Column(
        SESSION,
        "summary.delivered_ml",
        "mL",
        "number",
        "product given; delivered_by: told by the pump, typed, or estimated",
    ),
    Column(
        SESSION,
        "summary.dose_given_billion",
        "10*9",
        "number",
        "estimated particles given in billions, less what stands in an unflushed line",
    ),
    Column(SESSION, "summary.infusing_min", "min", "number", "time during which product ran"),
    Column(
        SESSION,
        "summary.paused_min",
        "min",
        "number",
        "time that stood still between the first running and the end of product",
    ),
    Column(SESSION, "summary.elapsed_min", "min", "number", "time from the start to the end of product"),
    Column(SESSION, "summary.reactions", "1", "integer", "reactions that were stamped"),
    Column(
        SESSION,
        "summary.checks",
        "1",
        "object",
        "sets of observations in time (done), late (not in done) and missed; what the end set covers is not counted",
    ),
    Column(
        SESSION,
        "summary.alarms",
        "1",
        "integer",
        "alarm conditions that became active; alarms_by_priority tells them apart",
    ),
    Column(
        SESSION,
        "summary.readings",
        "1",
        "integer",
        "readings that were stored: the rows of readings.csv and those of readings_lost",
    ),
    Column(
        SESSION,
        "summary.wave_seconds",
        "s",
        "integer",
        "seconds of waveforms; they stay in the database, their count and hash are in the chain (WavesStored)",
    ),
    Column(SESSION, "summary.gaps", "s", "array", "times without valid frames, by source"),
    Column(
        SESSION,
        "summary.verdict",
        "",
        "text",
        "Complete, Incomplete with the reasons, or Not known where entries are lost",
    ),
    Column(
        SESSION,
        "summary.entries_lost",
        "1",
        "integer",
        "entries of the session that cannot be read any more, with those that may be gone",
    ),
    Column(
        SESSION,
        "summary.readings_lost, summary.wave_seconds_lost",
        "1",
        "integer",
        "stored readings and wave seconds that cannot be read any more",
    ),
    Column(
        SESSION,
        "summary.not_certain",
        "",
        "array",
        "figures that may be more or less, and in at_least those that may be more, for something is lost; empty = none",
    ),
    Column(
        SESSION,
        "journal",
        "",
        "array",
        "the journal rows exactly as hashed; a private field is an object with the SHA-256 of salt and text",
    ),
    Column(SESSION, "sealed", "", "array", "private texts with their salts, by seq and field; empty unless identified"),
    Column(
        SESSION,
        "protocol",
        "",
        "object",
        "name, version and SHA-256 of the clinic's protocol that the session was opened with",
    ),
    Column(
        SESSION,
        "chain_breaks",
        "",
        "array",
        "what was wrong with the record's chain when this was exported; empty = nothing",
    ),
    Column(
        SESSION,
        "damaged",
        "",
        "text",
        "what of the session was lost in the record when this was exported, and is left out here; empty = nothing",
    ),
    Column(
        SESSION,
        "lists_lost",
        "",
        "text",
        "entries of the clinic's lists (people, patients, bags) that could not be read for this export; empty = none",
    ),
    Column(
        REPORT,
        "page 1",
        "",
        "PDF",
        "the session on one page: given, observations, reactions, alarms, what an auditor asks",
    ),
    Column(
        REPORT,
        "page 2 and following",
        "",
        "PDF",
        "trend, reactions that page 1 had to shorten, audit in detail, event log",
    ),
    Column(
        MEDWATCH,
        "whole file",
        "",
        "text",
        "worksheet for FDA's MedWatch form; there only where a reaction was serious or of grade 3 or more",
    ),
    Column(MANIFEST, "files", "", "object", "SHA-256 and size in bytes of every file but this one and its hash"),
    Column(MANIFEST, "counts", "1", "object", "journal entries, readings, rows of the wide table, wave seconds"),
    Column(
        MANIFEST,
        "chain_head",
        "",
        "SHA-256",
        "hash of the session's last entry; also on the report, as text and QR code",
    ),
    Column(
        MANIFEST,
        "damaged, lists_lost",
        "",
        "text",
        "what of the session and of the clinic's lists was lost in the record when this was exported; empty = nothing",
    ),
    Column(
        MANIFEST,
        "lost",
        "",
        "object",
        "how much of what; unproved: batches of readings.csv that nothing proves; added, added_waves: left out",
    ),
    Column(MANIFEST, "public_key", "", "hex", "Ed25519 key of the workstation that signed; empty = not signed"),
    Column(MANIFEST_HASH, "", "", "SHA-256", "hash of manifest.json, in the form that sha256sum -c reads"),
    Column(SIGNATURE, "signature", "", "hex", "Ed25519 signature of the bytes of manifest.json; public_key made it"),
    Column(VERIFIER, "whole file", "", "Python", "checks this folder without the program: see HOW_TO_VERIFY.txt"),
    Column(HOW_TO, "whole file", "", "text", "how to check this folder, and what that proves"),
)
