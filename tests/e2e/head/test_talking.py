"""What is typed and streamed is spoken with sound and captions, and interrupted at once."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.e2e.head.stage import HEAD, Visit, press, say, told, wait
from tests.e2e.sheet import PHONE

LONG = " ".join(["word"] * 200)
# The loudness of what goes to the loudspeaker, watched from before the element's script runs.
LISTENER = """() => {
  const usual = AudioNode.prototype.connect; window.loudness = [];
  AudioNode.prototype.connect = function (to, ...more) {
    if (to === this.context.destination && !(this instanceof AnalyserNode)) {
      const ear = this.context.createAnalyser(); ear.fftSize = 512; window.ear = ear;
      usual.call(this, ear); }
    return usual.call(this, to, ...more); };
  const samples = new Float32Array(512);
  window.loud = () => { if (!window.ear) return 0; ear.getFloatTimeDomainData(samples);
    return Math.max(...samples.map(Math.abs)); }; }"""


def test_what_is_typed_is_spoken_with_sound_and_captions(visit: Visit) -> None:
    page = visit(before=f"({LISTENER})()")
    say(page, "Hello there friend.")
    page.wait_for_function("loud() > 0.05")
    wait(page, "d.words === 3 && d.talking === 'idle'")
    assert [each["text"] for each in told(page, "word")] == ["Hello", "there", "friend."]
    assert [each["state"] for each in told(page, "state")] == ["speaking", "idle"]
    assert {each["viseme"] for each in told(page, "viseme")} == {"aa", "PP", "sil"}
    expect(page.get_by_role("log")).to_have_text("Hello there friend.")
    expect(page.locator(".captions")).to_be_hidden()
    assert page.evaluate("loud()") == 0
    expect(page.get_by_role("textbox")).to_have_value("")


def test_it_speaks_by_webrtc_and_is_interrupted(visit: Visit) -> None:
    page = visit("transport=webrtc", before=f"({LISTENER})()")
    wait(page, "d.transport === 'webrtc'")
    say(page, "Hello there friend.")
    page.wait_for_function("loud() > 0.05")
    wait(page, "d.words === 3 && d.talking === 'idle'")
    assert [each["text"] for each in told(page, "word")] == ["Hello", "there", "friend."]
    say(page, LONG)
    wait(page, "d.words > 5 && d.talking === 'speaking'")
    press(page, "Stop")
    wait(page, "d.talking === 'idle' && d.viseme === 'sil'")
    page.wait_for_function("loud() < 0.01")


def test_it_is_interrupted_in_the_middle_of_a_word_and_speaks_again(visit: Visit) -> None:
    page = visit(before=f"({LISTENER})()")
    say(page, LONG)
    wait(page, "d.words > 2 && d.talking === 'speaking'")
    page.wait_for_function("loud() > 0.05")
    press(page, "Stop")
    assert told(page, "interrupted") == [{"speaking": True}]
    page.wait_for_function("loud() === 0")
    wait(page, "d.talking === 'idle' && d.viseme === 'sil'")
    expect(page.locator(".captions")).to_be_hidden()
    heard = page.evaluate(f"{HEAD}.diagnostics.words")
    say(page, "Again.")
    wait(page, f"d.words > {heard} && d.talking === 'idle'")
    assert told(page, "word")[-1]["text"] == "Again."
    assert page.evaluate(f"{HEAD}.diagnostics.words") == heard + 1, "nothing of before is left"


def test_escape_interrupts_from_the_text_box(visit: Visit) -> None:
    page = visit()
    say(page, LONG)
    wait(page, "d.words > 1")
    page.keyboard.press("Escape")
    wait(page, "d.talking === 'idle'")
    assert told(page, "interrupted") == [{"speaking": True}]


def test_a_stream_of_text_is_spoken_as_it_is_written(visit: Visit) -> None:
    page = visit()
    page.evaluate(
        f"""() => {{ async function* words() {{
          yield "First "; await new Promise((go) => window.go = go); yield "second."; }}
        window.spoken = {HEAD}.speak(words()).then(() => "all"); }}"""
    )
    wait(page, "d.words === 1")
    page.evaluate("go()")
    assert page.evaluate("spoken") == "all"
    wait(page, "d.words === 2")
    assert [each["text"] for each in told(page, "word")] == ["First", "second."]


def test_texts_before_the_session_opens_wait_for_it(visit: Visit) -> None:
    page = visit()
    page.evaluate(
        """() => { const head = document.createElement('livedraft-head'); head.id = 'late';
        document.body.append(head); window.words = [];
        head.addEventListener('word', ({ detail }) => words.push(detail.text));
        head.speak('Early bird'); head.speak('second.'); }"""
    )
    page.wait_for_function("words.length === 3")
    assert page.evaluate("words") == ["Early", "bird", "second."]


@pytest.mark.parametrize(("kind", "rate"), [("Int16Array", 24000), ("Float32Array", 44100)])
def test_sound_is_pushed_in_any_chunks_and_any_rate(visit: Visit, kind: str, rate: int) -> None:
    page = visit(before=f"({LISTENER})()")
    page.locator("livedraft-head").click(position={"x": 20, "y": 20})
    loud = 9000 if kind == "Int16Array" else 0.3
    page.evaluate(
        f"""async () => {{ const head = {HEAD};
        const all = {kind}.from({{ length: {rate} }}, (_, i) => {loud} * Math.sin(i / 20));
        for (let at = 0; at < all.length; at += 777)
          await head.pushAudio(all.subarray(at, at + 777), {rate}); }}"""
    )
    wait(page, "d.talking === 'speaking'")
    page.wait_for_function("loud() > 0.05")
    wait(page, "d.talking === 'idle'")
    assert told(page, "error") == []


def test_who_pours_sound_in_waits_until_more_is_welcome(visit: Visit) -> None:
    page = visit()
    page.evaluate(
        f"""() => {{ window.done = 0;
        for (let i = 0; i < 8; i++)
          {HEAD}.pushAudio(new Int16Array(24000).fill(500), 24000).then(() => done++); }}"""
    )
    wait(page, "d.talking === 'speaking'")
    assert page.evaluate("done") < 8
    page.evaluate(f"{HEAD}.interrupt()")
    page.wait_for_function("done === 8")
    wait(page, "d.talking === 'idle'")
    with pytest.raises(Exception, match="sound of 0 Hz"):
        page.evaluate(f"{HEAD}.pushAudio(new Int16Array(5), 0)")


def test_a_sound_file_is_dropped_and_spoken(visit: Visit) -> None:
    page = visit()
    page.locator("livedraft-head").click(position={"x": 20, "y": 20})
    samples = (8000 * np.sin(np.arange(16000) / 15)).astype("<i2").tobytes()
    drop(page, _wav(samples, 16000), "speech.wav", "audio/wav")
    wait(page, "d.talking === 'speaking'")
    wait(page, "d.talking === 'idle'")
    drop(page, b"nothing of the kind", "broken.mp3", "audio/mpeg")
    expect(page.get_by_role("alert")).to_contain_text("This sound cannot be read.")
    press(page, "Dismiss")


def test_it_is_muted_turned_down_and_captions_are_turned_off(visit: Visit) -> None:
    page = visit(before=f"({LISTENER})()")
    press(page, "Mute")
    press(page, "Captions")
    say(page, LONG)
    wait(page, "d.words > 1")
    assert page.evaluate("loud()") == 0
    expect(page.locator(".captions")).to_be_hidden()
    press(page, "Let it be heard")
    page.wait_for_function("loud() > 0.05")
    press(page, "Captions")
    expect(page.locator(".captions")).to_be_visible()
    page.get_by_role("slider", name="Volume").fill("0")
    page.wait_for_function("loud() === 0")
    assert page.evaluate(f"{HEAD}.volume") == 0


def test_a_page_that_nobody_touched_shows_how_to_hear_it(visit: Visit) -> None:
    # By a script of the page: what Playwright runs there counts as something that a user did.
    page = visit(before=f"addEventListener('DOMContentLoaded', () => {HEAD}.speak('{LONG}'))")
    wait(page, "d.words > 1 && !d.audible")
    page.get_by_role("button", name="Tap to hear").click()
    wait(page, "d.audible")
    expect(page.get_by_role("button", name="Tap to hear")).to_be_hidden()


@pytest.mark.parametrize("viewport", [{"width": 1180, "height": 800}, PHONE])
def test_all_can_be_named_and_hit_by_a_finger_and_nothing_overflows(
    visit: Visit, viewport: dict[str, int]
) -> None:
    page = visit(viewport=viewport)
    press(page, "Voice and manner")
    say(page, LONG)
    wait(page, "d.words > 1")
    faults = page.evaluate(f"""() => [...{HEAD}.shadowRoot.querySelectorAll(
          'button, input, select, textarea')]
        .filter((each) => each.checkVisibility())
        .map((each) => {{ const box = (each.closest('label') ?? each).getBoundingClientRect();
          const label = each.closest('label');
          const name = each.getAttribute('aria-label') || each.innerText || label?.innerText;
          return [name, Math.round(Math.min(box.width, box.height))]; }})
        .filter(([name, size]) => !name || size < 44)""")
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def drop(page: Page, content: bytes, name: str, kind: str) -> None:
    """Drop a file on the stage, as a person does."""
    page.evaluate(
        f"""([bytes, name, type]) => {{ const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(bytes)], name, {{ type }}));
        const stage = {HEAD}.shadowRoot.querySelector('.stage');
        for (const kind of ['dragover', 'drop'])
          stage.dispatchEvent(new DragEvent(kind, {{ dataTransfer: files, bubbles: true,
            cancelable: true }})); }}""",
        [list(content), name, kind],
    )


def _wav(samples: bytes, rate: int) -> bytes:
    """Return mono 16 bit samples as a WAV file."""
    size = len(samples)
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    kind = (1).to_bytes(2, "little") * 2 + rate.to_bytes(4, "little")
    kind += (
        (rate * 2).to_bytes(4, "little") + (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    )
    return head + kind + b"data" + size.to_bytes(4, "little") + samples
