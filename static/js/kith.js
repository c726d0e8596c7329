// The whole of what Kith adds to a page by script. Every control below is a working form control
// or link without it, and when a fetch fails the form is simply submitted.

const live = document.getElementById("live");

function say(words) {
  if (live) live.textContent = words;
}

async function fragment(url, options = {}) {
  const response = await fetch(url, {
    credentials: "same-origin",
    ...options,
    headers: { "X-Fragment": "1" },
  });
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  return response.text();
}

function read(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

function put(id, page) {
  const fresh = page.getElementById(id);
  document.getElementById(id).replaceWith(fresh);
  return fresh;
}

// A form is taken once only: after a fetch the same form needs a new key.
function renewKey(form) {
  const key = form.elements.once;
  if (key) key.value = `${Date.now()}${Math.random()}`.replace(".", "");
}

// What was changed may be counted in the menu: data-menu names the link by its address.
function tellMenu({ menu, menuWords }) {
  const link = menu && document.querySelector(`.k-nav a[href="${menu}"]`);
  if (link) link.textContent = menuWords;
}

// Buttons that post and change one element: data-swap names it.
async function swap(button) {
  const body = new FormData(button.form);
  if (button.name) body.append(button.name, button.value);
  button.disabled = true;
  try {
    const html = await fragment(button.formAction, { method: "POST", body });
    renewKey(button.form);
    const fresh = put(button.dataset.swap, read(html));
    tellMenu(fresh.dataset);
    (fresh.querySelector("summary, button, a") ?? fresh).focus();
    say(fresh.dataset.say ?? fresh.textContent.trim().split("\n")[0]);
  } catch {
    button.disabled = false;
    button.removeAttribute("data-swap");
    button.click();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-swap]");
  if (!button) return;
  event.preventDefault();
  swap(button);
});

// Results that follow the filters: a GET form with data-live="ids of what changes".
const search = document.querySelector("form[data-live]");
let waiting = 0;
let asking;

// The boxes beside the results change with them. The one that has the focus stays where it is.
function around(item, fresh) {
  const value = item.querySelector("input").value;
  const items = [...fresh.querySelectorAll(".govuk-checkboxes__item")];
  const same = items.find((each) => each.querySelector("input").value === value);
  const count = item.querySelector(".k-n");
  if (count) count.textContent = same?.querySelector(".k-n").textContent ?? "0";
  for (const each of [...item.parentElement.children]) {
    if (each !== item && each.tagName !== "LEGEND") each.remove();
  }
  const at = items.indexOf(same);
  items.slice(0, Math.max(at, 0)).forEach((each) => item.before(each));
  item.after(...items.slice(at + 1));
}

function recount(page) {
  for (const fresh of page.querySelectorAll(".k-facet")) {
    const old = document.getElementById(fresh.id);
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const item = focused?.closest(".govuk-checkboxes__item");
    old.hidden = fresh.hidden;
    const summary = old.querySelector("summary");
    if (summary) summary.innerHTML = fresh.querySelector("summary").innerHTML;
    if (item) around(item, fresh);
    else old.querySelector("fieldset").replaceWith(fresh.querySelector("fieldset"));
  }
}

async function refresh() {
  asking?.abort();
  asking = new AbortController();
  const chosen = [...new FormData(search)].filter(([, value]) => value);
  const url = `${search.action.split("?")[0]}?${new URLSearchParams(chosen)}`;
  try {
    const page = read(await fragment(url, { signal: asking.signal }));
    for (const id of search.dataset.live.split(" ")) put(id, page);
    recount(page);
    history.replaceState(null, "", url);
    say(document.getElementById("count")?.textContent.trim() ?? "");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  }
}

search?.addEventListener("change", (event) => {
  if (!event.target.closest(".k-filters")) return;
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 250);
});

// Near me: about 100 metres is near enough, and all that leaves the device.
const nearMe = document.getElementById("near-me");
if (nearMe && "geolocation" in navigator) {
  nearMe.hidden = false;
  nearMe.addEventListener("click", () => {
    say(live.dataset.finding);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const box = search.elements[nearMe.dataset.field];
        box.value = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
        search.requestSubmit();
      },
      () => say(live.dataset.notFound),
      { timeout: 8000 },
    );
  });
}

// A form that came back with problems: reading goes on at their list.
const problems = document.querySelector(".govuk-error-summary");
if (problems) {
  problems.tabIndex = -1;
  problems.focus();
}

// How much room is left in a box, said when the writer pauses.
for (const group of document.querySelectorAll(".govuk-character-count")) {
  const box = group.querySelector("textarea");
  const words = group.querySelector(".govuk-character-count__message");
  const count = () => {
    const left = Number(group.dataset.maxlength) - box.value.length;
    const told = `i18n.characters${left < 0 ? "Over" : "Under"}Limit.other`;
    words.textContent = group.dataset[told].replace("%{count}", Math.abs(left));
    words.classList.toggle("govuk-error-message", left < 0);
    words.classList.toggle("govuk-hint", left >= 0);
  };
  let pause = 0;
  box.addEventListener("input", () => {
    count();
    clearTimeout(pause);
    pause = setTimeout(() => say(words.textContent), 1500);
  });
  count();
}

// Menus close with Escape, or when somebody presses elsewhere.
function openMenus() {
  return document.querySelectorAll(".k-menu[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

// Keys 1 to 8 choose a reason, but only while the focus is among the reasons (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    document.querySelector("[data-ctrl-enter]")?.click();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const boxes = event.target.closest("[data-keys]")?.querySelectorAll("input") ?? [];
  const box = boxes[Number(event.key) - 1];
  if (!box) return;
  box.click();
  box.focus();
  event.preventDefault();
});

// A banner that is pasted is read at once: data-fill names the button that does so.
document.addEventListener("paste", ({ target }) => {
  const box = target.closest("[data-fill]");
  if (box) setTimeout(() => document.getElementById(box.dataset.fill).click());
});

// Copy a text to the clipboard: data-copy names the box that holds it. A button that sends a form
// says so once the text is copied; where it cannot be copied by script, the next press sends.
for (const button of document.querySelectorAll("[data-copy]")) {
  const words = button.textContent;
  button.hidden = false;
  button.textContent = button.dataset.words ?? words;
  button.addEventListener("click", async (event) => {
    if (button.type === "submit" && button.textContent === words) return;
    event.preventDefault();
    const box = document.getElementById(button.dataset.copy);
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
      button.textContent = live.dataset.copied;
      say(live.dataset.copied);
      if (button.type === "submit") button.form.requestSubmit();
    } catch {
      button.textContent = words;
      say(live.dataset.selected);
    }
  });
}

// Paper: the browser's own printing, one press away.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// The way out in a hurry, also by three quick presses of Escape: the page goes blank at once, and
// the button "back" does not lead here again.
const wayOut = document.querySelector("[data-leave]");
let escapes = [];

function leave(event) {
  event.preventDefault();
  document.body.hidden = true;
  location.replace(wayOut.href);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-leave]")) leave(event);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  escapes = [...escapes.filter((at) => event.timeStamp - at < 1500), event.timeStamp];
  if (wayOut && escapes.length >= 3) leave(event);
});

document.documentElement.dataset.ready = "yes";

// Opened pages are kept for when there is no signal; never where somebody is signed in.
if ("serviceWorker" in navigator) {
  if (document.body.classList.contains("k-private")) {
    navigator.serviceWorker.getRegistrations().then((all) => all.forEach((it) => it.unregister()));
    caches.keys().then((names) => names.forEach((name) => caches.delete(name)));
  } else navigator.serviceWorker.register("/sw.js");
}
