"""PRO-CTCAE: offered at day 7 only, an item with all its attributes or not at all, kept in the record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from exomonitor.clinical.followup import FollowUpTable, ProCtcae
from exomonitor.session.narrative import sentence
from exomonitor.session.parts import leaving_events as lv
from tests.exomonitor.clinical.shipped import RULES
from tests.exomonitor.engine.bedside_bench import Bench
from tests.exomonitor.engine.test_aftercare import WELL, call, home, later, record

__all__ = ["home"]
TABLE = RULES.follow_up.content
WHOLE = {"fatigue": {"severity": 2, "interference": 1}, "hives": {"presence": 0}}


def test_only_the_call_of_day_7_offers_it_with_a_recall_of_7_days() -> None:
    assert [row.key for row in TABLE.call if TABLE.pro_ctcae_of(row.key) is not None] == ["day7"]
    offered = TABLE.pro_ctcae_of("day7")
    assert offered is not None
    assert "7 days" in offered.recall
    assert len(offered.words("severity")) == 5
    assert offered.words("presence") == ("No", "Yes")


def test_the_answers_of_day_7_stand_in_the_record_in_words_and_beside_the_call(home: Bench) -> None:
    later(home, 168)
    home.do(call(home, "day7", symptoms=WELL, pro_ctcae=WHOLE))
    event = home.events(lv.FollowUpCalled)[-1]
    assert {key: dict(given) for key, given in event.pro_ctcae.items()} == WHOLE
    assert event.pro_ctcae_library == "PRO-CTCAE item library 1.0"
    assert "PRO-CTCAE, last 7 days: fatigue severity 2, interference 1; hives presence 0" in sentence(event)
    assert set(record(home).calls[-1].pro_ctcae) == set(WHOLE)


def test_an_earlier_call_does_not_take_it(home: Bench) -> None:
    later(home, 24)
    assert "This call offers no PRO-CTCAE" in home.refused(call(home, "h24", symptoms=WELL, pro_ctcae=WHOLE))
    assert "This call offers no PRO-CTCAE" in home.refused(
        call(home, "", "patient called in", symptoms=WELL, pro_ctcae=WHOLE)
    )


def test_nobody_reached_has_told_nothing(home: Bench) -> None:
    later(home, 168)
    assert "Nobody was reached" in home.refused(call(home, "day7", "no answer", pro_ctcae=WHOLE))


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"fatigue": {"severity": 2}}, "is asked with all of severity, interference"),
        ({"hives": {"presence": 2}}, "2 is no answer"),
        ({"fatigue": {"severity": 5, "interference": 0}}, "5 is no answer"),
        ({"boredom": {"severity": 1}}, "'boredom' is no item"),
        ({"hives": {"presence": 1, "severity": 1}}, "is asked with all of presence"),
    ],
)
def test_what_is_no_whole_answer_is_refused(home: Bench, answers: dict[str, dict[str, int]], why: str) -> None:
    later(home, 168)
    assert why in home.refused(call(home, "day7", symptoms=WELL, pro_ctcae=answers))


def test_a_table_without_items_cannot_offer_it_nor_one_with_an_attribute_without_a_scale() -> None:
    plain = TABLE.model_dump()
    with pytest.raises(ValidationError, match="there are no items of it"):
        FollowUpTable.model_validate({**plain, "pro_ctcae": None})
    offered = TABLE.pro_ctcae
    assert offered is not None
    with pytest.raises(ValidationError, match="has no scale"):
        ProCtcae.model_validate({**offered.model_dump(), "scale": offered.model_dump()["scale"][:1]})


def test_the_journal_gives_the_answers_back(home: Bench) -> None:
    later(home, 168)
    home.do(call(home, "day7", symptoms=WELL, pro_ctcae=WHOLE))
    assert home.replayed().leaving.calls == home.state.leaving.calls
    again = replace(home.events(lv.FollowUpCalled)[-1])
    assert again.pro_ctcae["fatigue"]["severity"] == 2
