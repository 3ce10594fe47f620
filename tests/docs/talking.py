"""Pages of the guide to talking heads, used as a visitor does: pressed, and interrupted."""

from __future__ import annotations

from playwright.sync_api import Page

HEAD = "document.querySelector('livedraft-head')"


def talk(page: Page, text: str) -> None:
    """Do what a page of the guide is for; its text says what that is."""
    page.wait_for_function(f"{HEAD}?.diagnostics?.frames > 0")
    page.evaluate(
        f"""() => {{ window.states = []; const note = (event) => states.push(event.detail.state);
        {HEAD}.addEventListener('state', note); }}"""
    )
    page.get_by_role("button", name="Ask" if "speak(" in text else "Play").click()
    page.wait_for_function("states.includes('speaking')")
    page.evaluate(f"{HEAD}.interrupt()")
    page.wait_for_function("states.at(-1) === 'idle'")
