"""What an open page says when the dashboard has ended: how to start it again.

Streamlit itself says "Connection error" then. The page asks the server now and again whether it is there; it can do so
only while it is open, so the words have to come along with it.
"""

import streamlit as st

SAID = (
    "msiss does not answer any more. Trainings and imports that were going on go on by themselves. Start the "
    "dashboard again with “make app” in its folder, on the machine where it runs, or ask the person who looks after "
    "it. This page goes on by itself then."
)
# Plain text on the page's own colours, in the body: the sidebar, where this is mounted, may be folded away.
SCRIPT = """
export default function ({ parentElement, data }) {
  let missed = 0
  let box = null
  const show = () => {
    const colour = (name) => getComputedStyle(parentElement).getPropertyValue(name)
    box = document.createElement("div")
    box.textContent = data
    box.setAttribute("role", "alert")
    box.dataset.testid = "msiss-is-gone"
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
    let there = false
    try {
      const answer = await fetch(new URL("./_stcore/health", location.href), { cache: "no-store" })
      there = answer.status < 500  // a proxy answers for a server that is gone, with 502 or so
    } catch {}
    missed = there ? 0 : missed + 1
    if (missed > 1 && !box) show()
    if (there) hide()
  }
  const timer = setInterval(ask, EVERY)
  return () => { clearInterval(timer); hide() }
}
""".replace("EVERY", "3000")  # milliseconds

_component = st.components.v2.component("msiss_lost", js=SCRIPT, isolate_styles=False)


def watch_server() -> None:
    """Let the page say how to start msiss where its server has gone."""
    _component(data=SAID, key="lost", height=0)
