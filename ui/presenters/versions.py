"""The log of a session as the history shows it: the latest of everything, or every version with what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionSigned
from exomonitor.session.late import entry_line
from exomonitor.session.parts.corrections import Voided
from exomonitor.session.state import SessionState
from exomonitor.session.voiding import why_not_voidable
from ui.presenters.words import hms

SUPERSEDED = "superseded: signed version"
LATEST, ALL = "latest", "all"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `mark`: `amended (2)`; `struck`: it does not count any more; `why`: reason, who and when, then."""

    seq: int
    time: str
    text: str
    who: str = ""
    mark: str = ""
    struck: bool = False
    why: str = ""


def log_view(
    entries: Sequence[Entry], state: SessionState, people: Mapping[str, tuple[str, str]], *, every: bool
) -> tuple[LogLine, ...]:
    """The lines in journal order. `every`: with what was corrected and what is void, struck through."""
    by_seq = {entry.seq: entry for entry in entries}
    followed = _followed(entries, state.corrections.voided)
    lines = []
    for entry in entries:
        text = entry_line(entry, after_s=state.late_entry_s)
        if not text:
            continue
        void, after = state.corrections.voided.get(entry.seq), followed.get(entry.seq)
        if (void is not None or after is not None) and not every:
            continue
        why = _void_words(void, people) if void is not None else _after_words(after, by_seq, people)
        mark = _mark(entry, state, by_seq)
        who = _name(entry.actor, people)
        lines.append(LogLine(entry.seq, hms(entry.at), text, who, mark, struck=bool(why), why=why))
    return tuple(lines)


def log_html(lines: Sequence[LogLine], *, numbers: bool) -> str:
    """The lines as rich text; `numbers`: with the number of each entry, by which a void names it."""
    return "".join(f"<p style='margin:0 0 3px 0'>{_line_html(line, numbers=numbers)}</p>" for line in lines)


def voidable(
    entries: Sequence[Entry], state: SessionState, people: Mapping[str, tuple[str, str]]
) -> tuple[LogLine, ...]:
    """The entries that can be voided now, newest first."""
    able = {entry.seq for entry in entries if not why_not_voidable(entry.event)}
    shown = log_view(entries, state, people, every=False)
    return tuple(line for line in reversed(shown) if line.seq in able)


def _followed(entries: Sequence[Entry], voided: Mapping[int, Voided]) -> dict[int, int]:
    """Entry -> the entry that corrected it; a correction that is void corrects nothing."""
    found: dict[int, int] = {}
    for entry in entries:
        before = getattr(entry.event, "supersedes", None)
        if isinstance(before, int) and entry.seq not in voided:
            found[before] = entry.seq
    return found


def _mark(entry: Entry, state: SessionState, by_seq: Mapping[int, Entry]) -> str:
    """`amended (2)` for the second correction; that a signature stands for a record to which something was added."""
    if isinstance(entry.event, SessionSigned):
        return SUPERSEDED if state.corrections.addenda else ""
    times, before = 0, getattr(entry.event, "supersedes", None)
    while isinstance(before, int) and before in by_seq:
        if before not in state.corrections.voided:
            times += 1
        before = getattr(by_seq[before].event, "supersedes", None)
    return f"amended ({times})" if times else ""


def _void_words(void: Voided, people: Mapping[str, tuple[str, str]]) -> str:
    second = f" with {_name(void.second, people) or void.second}" if void.second else ""
    return f"void: {void.words}; {_name(void.by, people) or void.by}{second}, {hms(void.at)}"


def _after_words(after: int | None, by_seq: Mapping[int, Entry], people: Mapping[str, tuple[str, str]]) -> str:
    if after is None:
        return ""
    entry = by_seq[after]
    reason = getattr(entry.event, "reason", "") or "no reason given"
    return f"corrected by entry {after}: {reason}; {_name(entry.actor, people) or entry.actor}, {hms(entry.at)}"


def _name(actor: str, people: Mapping[str, tuple[str, str]]) -> str:
    return people[actor][0] if actor in people else ""


def _line_html(line: LogLine, *, numbers: bool) -> str:
    text = escape(line.text)
    parts = [f"{line.time} ", f"#{line.seq} " if numbers else "", f"<s>{text}</s>" if line.struck else text]
    if line.who:
        parts.append(f" · {escape(line.who)}")
    if line.mark:
        parts.append(f" · <b>{escape(line.mark)}</b>")
    if line.why:
        parts.append(f" · <i>{escape(line.why)}</i>")
    return "".join(parts)
