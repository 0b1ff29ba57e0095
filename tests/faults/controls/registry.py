"""All negative controls."""

from tests.faults.controls import (
    ack_before_effect,
    blocking_render,
    cursor_relay,
    mark_before_publish,
    no_clock_agreement,
    no_compare_and_set,
    no_memory,
    recorder_without_memory,
    swallowed_dead_letter,
)

CONTROLS = (
    ack_before_effect.CONTROL,
    no_memory.CONTROL,
    cursor_relay.CONTROL,
    no_compare_and_set.CONTROL,
    mark_before_publish.CONTROL,
    no_clock_agreement.CONTROL,
    swallowed_dead_letter.CONTROL,
    blocking_render.CONTROL,
    recorder_without_memory.CONTROL,
)
