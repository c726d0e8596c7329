// Asks for a page again and again while something on it is under way, and puts in what has changed.
const live = document.getElementById("live")

async function again() {
  const shown = document.querySelector("[data-again]")
  if (!shown) return
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null)
  const text = answer && answer.ok ? await answer.text() : ""
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(shown.id)
  if (text && !(fresh && fresh.dataset.again)) {
    location.reload()
    return
  }
  const bar = fresh && fresh.querySelector("progress")
  const held = shown.querySelector("progress")
  if (bar && held) {
    held.value = bar.value
    const words = fresh.querySelector("label[for=far]").textContent
    shown.querySelector("label[for=far]").textContent = words
    if (live && Math.round(bar.value / bar.max * 4) !== Number(live.dataset.quarter)) {
      live.dataset.quarter = Math.round(bar.value / bar.max * 4)
      live.textContent = words
    }
  } else if (fresh) {
    shown.replaceWith(fresh)
  }
  setTimeout(again, 1000 * Number(shown.dataset.again))
}

setTimeout(again, 1000)
