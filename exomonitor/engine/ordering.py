"""Whose order it is: a prescriber of the clinic's own list, never a typed name; and how the order came."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.engine.situation import Situation
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import NURSE, PRESCRIBER, User, active
from exomonitor.session.ordering import SIGNED, WAYS

NOT_IN_LIST = "Choose the prescriber from the list; an administrator adds who is missing (Settings, People)"


@dataclass(frozen=True, slots=True)
class OrderedBy:
    """The prescriber: name and phone as shown, user id, and how the order came (session.ordering.WAYS)."""

    name: str = ""
    user: str = ""
    way: str = ""


def ordered_by(at: Situation, prescriber: str, way: str, proof: str, by: str) -> OrderedBy:
    """Judge who ordered; nobody said so yet where `prescriber` is "".

    In writing or by telephone a nurse (or another prescriber) takes it down; else the prescriber's own proof is needed.
    """
    if not prescriber:
        return OrderedBy()
    user = at.registry.users.get(prescriber)
    if user is None or not user.holds(PRESCRIBER):
        raise CommandRefused(NOT_IN_LIST)
    if way not in WAYS:
        raise CommandRefused("Say how the order came: in writing, by telephone and read back, or signed here")
    if way == SIGNED:
        if not proof:
            raise CommandRefused(f"{user.name} signs this order here, or it came in writing or by telephone")
        if at.proven(proof, PRESCRIBER) != user.id:
            raise CommandRefused(f"Somebody else signed: the order is from {user.name}")
    elif by == user.id:
        raise CommandRefused("A prescriber who enters an order of his own signs it")
    else:
        _need_care(at, by)
    return OrderedBy(shown_name(user), user.id, way)


def shown_name(user: User) -> str:
    """`Dr EXAMPLE, 4411`: the name with the phone, where one is known."""
    return f"{user.name}, {user.phone}" if user.phone else user.name


def listed_prescriber(at: Situation, said: str) -> str:
    """The prescriber that a typed text means, as shown; "" where nothing was typed. Refused for anybody else."""
    text = " ".join(said.split()).casefold()
    order = at.state.order if at.state is not None else None
    if not text or (order is not None and text == order.prescriber.casefold()):
        return said.strip()
    for user in at.registry.users.values():
        if user.holds(PRESCRIBER) and text in {user.name.casefold(), shown_name(user).casefold()}:
            return shown_name(user)
    raise CommandRefused(NOT_IN_LIST)


def listed_person(at: Situation, said: str, what: str, role: str = "") -> str:
    """The person of the clinic's list who is meant by user id or whole name, as shown; "" where nobody is named.

    Refused for anybody who is not in it, or has not that role; `what` says who is asked for.
    """
    text = " ".join(said.split()).casefold()
    if not text:
        return ""
    for user in active(at.registry.users):
        if text in {user.id.casefold(), user.name.casefold(), shown_name(user).casefold()}:
            if role and not user.holds(role):
                raise CommandRefused(f"{what}: {user.name} is no {role}")
            return shown_name(user) if role == PRESCRIBER else user.name
    raise CommandRefused(f"{what}: choose a person from the list; an administrator adds who is missing")


def _need_care(at: Situation, by: str) -> None:
    taker = at.registry.users.get(by)
    if taker is None or not taker.holds(NURSE, PRESCRIBER):
        raise CommandRefused("A nurse takes down an order that came in writing or by telephone")
