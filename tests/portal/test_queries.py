"""What the portal asks the database."""

from records.kinds import processes
from records.lifecycle import Phase
from records.models import TO_CONFIRM


def test_the_states_to_confirm_that_have_an_index_are_those_of_the_processes() -> None:
    asked = {
        state
        for process in processes()
        if process.is_ticket
        for state, phase in process.lifecycle.phases.items()
        if phase == Phase.DONE
        and not process.lifecycle.is_final(state)
        and state not in process.lifecycle.withdrawn
    }
    assert asked == set(TO_CONFIRM)
