"""The message on an open page when the server has stopped: how to start it again.

Streamlit itself only shows "Connection error". The page polls the server in the browser, and gets the message in
advance, as it cannot ask for it later.
"""

import streamlit as st

MESSAGE = (
    "msiss does not respond any more. Running trainings and imports continue. Start the dashboard again with "
    "“make app” in its folder, on the machine where it runs, or ask the person who runs it. This page then continues "
    "by itself."
)
# Plain text in the colours of the page, in its body: the sidebar, where this is mounted, may be collapsed.
SCRIPT = """
export default function ({ parentElement, data }) {
  let missed = 0
  let box = null
  const show = () => {
    const colour = (name) => getComputedStyle(parentElement).getPropertyValue(name)
    box = document.createElement("div")
    box.textContent = data
    box.setAttribute("role", "alert")
    box.dataset.testid = "connection-lost"
    Object.assign(box.style, {
      position: "fixed", left: "50%", bottom: "2rem", transform: "translateX(-50%)", zIndex: "2000000",
      width: "min(40rem, 90vw)", padding: "1rem", borderRadius: "0.4rem",
      border: `2px solid ${colour("--st-primary-color")}`,
      background: colour("--st-background-color"), color: colour("--st-text-color"), fontFamily: colour("--st-font"),
    })
    document.body.append(box)
  }
  const hide = () => { box?.remove(); box = null }
  const ask = async () => {
    let alive = false
    try {
      const answer = await fetch(new URL("./_stcore/health", location.href), { cache: "no-store" })
      alive = answer.status < 500  // a proxy answers with 502 or so when the server has stopped
    } catch {}
    missed = alive ? 0 : missed + 1
    if (missed > 1 && !box) show()
    if (alive) hide()
  }
  const timer = setInterval(ask, EVERY)
  return () => { clearInterval(timer); hide() }
}
""".replace("EVERY", "3000")  # milliseconds

_component = st.components.v2.component("msiss_connection", js=SCRIPT, isolate_styles=False)


def watch() -> None:
    """Make the page show how to start msiss again when its server has stopped."""
    _component(data=MESSAGE, key="connection", height=0)
