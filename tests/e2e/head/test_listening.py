"""The microphone: a voice that moves the head, or is handed to the page while the head attends."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.e2e.head.stage import HEAD, Visit, press, say, told, wait

# A microphone that is as loud as the page says: a tone through a gain, in place of the device.
VOICE = """() => { if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext(), tone = new OscillatorNode(context, { frequency: 300 });
  const gain = new GainNode(context, { gain: 0 }), end = context.createMediaStreamDestination();
  tone.connect(gain).connect(end); tone.start(); window.microphone = end.stream.getTracks()[0];
  window.voice = (loud) => { gain.gain.value = loud; }; return end.stream; }; }"""


def with_voice(visit: Visit, attributes: str = "") -> Page:
    return visit(attributes, before=f"({VOICE})()")


def test_a_voice_moves_the_head_and_silence_does_not(visit: Visit) -> None:
    page = with_voice(visit)
    press(page, "Microphone")
    wait(page, "d.microphone === 'on'")
    expect(page.get_by_text("Speak: the face says it with your voice.")).to_be_visible()
    assert page.evaluate(f"{HEAD}.diagnostics.talking") == "idle"
    page.evaluate("voice(0.4)")
    wait(page, "d.heard && d.talking === 'speaking'")
    page.evaluate("voice(0)")
    wait(page, "!d.heard && d.talking === 'idle'")
    assert told(page, "utterance") == []
    press(page, "Microphone")
    wait(page, "d.microphone === 'off'")
    assert page.evaluate("microphone.readyState") == "ended", "its light is out"


def test_where_the_page_listens_it_gets_what_was_said_and_the_head_attends(visit: Visit) -> None:
    page = with_voice(visit, "listen")
    press(page, "Microphone")
    wait(page, "d.microphone === 'on'")
    page.evaluate("voice(0.4)")
    wait(page, "d.heard && d.talking === 'listening'")
    page.evaluate("voice(0)")
    wait(page, "!d.heard && d.talking === 'idle'")
    [utterance] = told(page, "utterance")
    assert utterance["rate"] == 24_000
    assert utterance["pcm"] == 24 * int(str(utterance["durationMs"]))
    assert [each["state"] for each in told(page, "state")] == ["listening", "idle"]


def test_who_speaks_while_the_head_does_interrupts_it(visit: Visit) -> None:
    page = with_voice(visit, "listen")
    press(page, "Microphone")
    wait(page, "d.microphone === 'on'")
    say(page, " ".join(["word"] * 100))
    wait(page, "d.words > 2")
    page.evaluate("voice(0.5)")
    wait(page, "d.talking === 'listening'")
    assert told(page, "interrupted") == [{"speaking": True}]
    page.evaluate("voice(0)")
    wait(page, "d.talking === 'idle'")


def test_a_button_is_held_to_talk_by_mouse_and_by_key(visit: Visit) -> None:
    page = with_voice(visit, "listen")
    hold = page.get_by_role("button", name="Hold to talk")
    hold.hover()
    page.mouse.down()
    wait(page, "d.heard")
    expect(hold).to_have_attribute("aria-pressed", "true")
    wait(page, "d.microphone === 'held'")
    page.evaluate("voice(0.0001)")  # all is speech while it is held
    wait(page, "d.talking === 'listening'")
    page.wait_for_function("performance.now() > (window.since ??= performance.now()) + 500")
    page.mouse.up()
    wait(page, "!d.heard && d.talking === 'idle'")
    page.wait_for_function("told.some(([name]) => name === 'utterance')")
    hold.focus()
    page.keyboard.down("Space")
    wait(page, "d.heard")
    page.keyboard.up("Space")
    wait(page, "!d.heard")


def test_a_microphone_that_is_refused_or_taken_away_is_told(visit: Visit) -> None:
    refused = """navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('no', 'NotAllowedError'); }"""
    page = visit(before=refused)
    press(page, "Microphone")
    expect(page.get_by_role("alert")).to_contain_text("This page may not use the microphone.")
    wait(page, "d.microphone === 'off'")
    page = with_voice(visit)
    press(page, "Microphone")
    wait(page, "d.microphone === 'on'")
    page.evaluate("microphone.dispatchEvent(new Event('ended'))")
    expect(page.get_by_role("alert")).to_contain_text("The microphone was taken away.")
    wait(page, "d.microphone === 'off'")
    assert [each["code"] for each in told(page, "error")] == ["media_ended"]
