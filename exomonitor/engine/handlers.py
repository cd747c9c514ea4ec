"""The table of handlers: (situation, command) -> decision or CommandRefused. Nothing is stored, drawn or
sounded here."""

from __future__ import annotations

from exomonitor.engine import handlers_infuse as infuse
from exomonitor.engine import handlers_observe as observe
from exomonitor.engine import handlers_prepare as prepare
from exomonitor.engine import handlers_reaction as reaction
from exomonitor.engine.access import check_access
from exomonitor.engine.parts import (
    aftercare,
    alarm_limits,
    care,
    changes,
    checks,
    corrections,
    course,
    device_check,
    double_check,
    emergency,
    emergency_record,
    handover,
    leaving,
    library,
    people,
    sound_test,
    supply,
    trust,
    wristband,
)
from exomonitor.engine.situation import Decision, Handler, Situation
from exomonitor.session import commands as cmd

HANDLERS: dict[type[cmd.Command], Handler] = {
    cmd.OpenSession: prepare.open_session,
    cmd.ConfirmPatient: prepare.confirm_patient,
    cmd.EnterLine: prepare.enter_line,
    cmd.PinDevice: prepare.pin_device,
    cmd.AbandonSession: prepare.abandon_session,
    cmd.StartSession: infuse.start_session,
    cmd.TypeDelivery: infuse.type_delivery,
    cmd.GiveMeaning: infuse.give_meaning,
    cmd.EndProduct: infuse.end_product,
    cmd.RecordFlush: infuse.record_flush,
    cmd.RecordObservation: observe.record_observation,
    cmd.MissObservation: observe.miss_observation,
    cmd.OpenReaction: reaction.open_reaction,
    cmd.DoReactionAction: reaction.do_reaction_action,
    cmd.DetailReaction: reaction.detail_reaction,
    cmd.AddNote: observe.add_note,
}
for _part in (
    course,
    supply,
    changes,
    checks,
    double_check,
    care,
    emergency,
    emergency_record,
    leaving,
    aftercare,
    people,
    handover,
    corrections,
    library,
    wristband,
    alarm_limits,
    sound_test,
    device_check,
    trust,
):
    HANDLERS.update(_part.HANDLERS)


def decide(situation: Situation, command: cmd.Command) -> Decision:
    """What follows from a command. Raises CommandRefused with one sentence for the person."""
    check_access(situation, command)
    emergency_record.check_kind(situation, command)
    return HANDLERS[type(command)](situation, command)
