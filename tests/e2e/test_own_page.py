"""The server's own page under its own policy: nothing that it does is forbidden, all else is."""

from __future__ import annotations

import pytest
from tests.e2e.sheet import EL, LINE, Open, prompt, stroke

WATCH = """addEventListener("securitypolicyviolation", (event) => {
  (window.violations ??= []).push(`${event.violatedDirective} ${event.blockedURI}`);
})"""
VIOLATIONS = "window.violations ?? []"


@pytest.mark.parametrize("model", ["url", "paintbox"])  # opaque pictures, and transparent ones
def test_the_page_works_under_its_policy(
    open_page: Open, model: str, request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(model)
    page = open_page(url, bypass_csp=False)  # its console must stay empty: there violations tell
    page.add_init_script(WATCH)
    answer = page.goto(url)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    page.locator(".pill[data-state=open]").wait_for()
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px", "it is styled"
    page.evaluate(f"""() => {{
      window.came = new Promise((tell) => {EL}.addEventListener("change", () => tell(true)));
    }}""")
    stroke(page, *LINE)
    assert page.evaluate("window.came"), "a picture"
    page.get_by_role("button", name="a red fox").click()
    assert prompt(page).input_value() == "a red fox"
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Finish").or_(page.get_by_role("button", name="Refine")).click()
    assert page.evaluate(VIOLATIONS) == []


def test_what_is_smuggled_into_the_page_loads_and_sends_nothing(open_page: Open, url: str) -> None:
    page = open_page(url, forgive="Content Security Policy", bypass_csp=False)
    refused = page.evaluate("""() => new Promise((tell) => {
      const refused = new Set();
      addEventListener("securitypolicyviolation", (event) => {
        refused.add(event.effectiveDirective);
        if (refused.size === 3) tell([...refused].sort());
      });
      const image = document.createElement("img");
      image.src = "http://127.0.0.1:9/leak";
      const frame = document.createElement("iframe");
      frame.src = "http://127.0.0.1:9/frame";
      document.body.append(image, frame);
      fetch("http://127.0.0.1:9/leak").catch(() => {});
    })""")
    assert refused == ["connect-src", "frame-src", "img-src"]
