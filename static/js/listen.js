// Reads a page aloud with a voice that this device has itself: the words go nowhere. Where there is
// no such voice in the page's language, there is no button.
const engine = window.speechSynthesis
const button = document.querySelector("button[data-listen]")
const language = document.documentElement.lang.split("-")[0].toLowerCase()

function voiceHere() {
  const fits = engine.getVoices().filter(
    (each) => each.localService === true && each.lang.toLowerCase().split(/[-_]/)[0] === language,
  )
  return fits.find((each) => /^en[-_]gb$/i.test(each.lang)) || fits[0]
}

// What is marked to be read, line by line: browsers fall silent in the middle of a long text.
// Words of another language are left out: this voice would make nonsense of them.
function lines() {
  return [...document.querySelectorAll("[data-read]")]
    .filter((each) => each.closest("[lang]").lang.startsWith(language))
    .flatMap((each) => each.innerText.split("\n"))
    .map((line) => line.trim())
    .filter(Boolean)
}

if (engine && button) {
  const words = button.querySelector("[data-words]") || button
  const [listen, stop] = [words.textContent, button.dataset.listen]
  let reading = 0

  const show = () => {
    button.hidden = !voiceHere()
  }
  const beSilent = () => {
    reading += 1
    engine.cancel()
    words.textContent = listen
  }
  const readAloud = () => {
    const voice = voiceHere()
    const said = lines().map((line) => new SpeechSynthesisUtterance(line))
    if (!voice || !said.length) return
    engine.cancel()
    const mine = ++reading
    said.at(-1).onend = () => mine === reading && beSilent()
    for (const each of said) {
      Object.assign(each, { voice, lang: voice.lang })
      engine.speak(each)
    }
    words.textContent = stop
  }

  show()
  // Browsers fetch their list of voices late.
  if (engine.addEventListener) engine.addEventListener("voiceschanged", show)
  button.addEventListener("click", () => (words.textContent === stop ? beSilent() : readAloud()))
  addEventListener("pagehide", beSilent)
}
