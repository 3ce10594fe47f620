"""Pages of the try-on guide, used as a customer does: opened, agreed to, worn, bought, closed."""

from __future__ import annotations

from playwright.sync_api import Page

TRYON = "document.querySelector('livedraft-tryon')"


def wear(page: Page, text: str) -> None:
    """Do what a page of the guide is for; its text says what that is."""
    if "Presence" in text:  # the fake camera shows something that moves
        page.locator("livedraft-tryon").wait_for()
        return
    if "showModal" in text:
        page.get_by_role("button", name="Try it on").click()
    page.wait_for_function(f"{TRYON}?.diagnostics")
    if "garments" not in text:
        page.get_by_role("button", name="photo").or_(
            page.get_by_role("button", name="Foto")
        ).first.wait_for()
        return
    option = page.get_by_role("option").first
    option.wait_for()
    if "wear(" not in text and "sku={" not in text:
        option.click()
    page.locator("[role=option][aria-selected=true]").first.wait_for()
    if "add-to-cart" in text and "#cart" in text:
        page.get_by_role("button", name="to the cart").click()
        page.get_by_text("is in your cart").wait_for()
    if "onCart" in text:
        page.get_by_role("button", name="to the cart").click()
        page.wait_for_function("window.bought === 'tee-1'")
    if "showModal" in text:
        page.keyboard.press("Escape")
        page.wait_for_function("!document.querySelector('dialog').open")
