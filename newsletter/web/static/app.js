// What a page does better with a script; every page works without it.
"use strict";

// The confirm page posts by itself only where the server saw the cookie of the sign-up.
const atOnce = document.querySelector("form[data-at-once]");
if (atOnce) atOnce.submit();

// The list of time zones holds the cities that most people know; all others come when somebody turns to it.
const zone = document.querySelector("select[data-zones]");
if (zone) {
  let all;
  const complete = () => all ??= (async () => {
    try {
      const answer = await fetch(zone.dataset.zones);
      if (!answer.ok) return;
      const chosen = zone.value, part = await answer.text();
      for (const group of zone.querySelectorAll("optgroup")) group.remove();
      zone.insertAdjacentHTML("beforeend", part);
      // What was chosen may stand among them now.
      const same = zone.querySelector(`optgroup option[value="${CSS.escape(chosen)}"]`);
      if (same) same.selected = true;
      for (const option of [...zone.children]) if (same && option.value === chosen) option.remove();
    } catch { all = undefined; /* out of reach: asked for again at the next turn */ }
  })();
  for (const turn of ["focus", "pointerenter"]) zone.addEventListener(turn, complete);
  // The time zone of this device, unless the form came back with a choice of its own.
  const guess = async () => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // Browsers give some cities by an older spelling.
    const city = () => [...zone.options].find((option) => option.value === here || option.dataset.older?.split(" ").includes(here));
    if (!city()) await complete();
    if (city()) zone.value = city().value;
  };
  if ("guess" in zone.dataset) guess();
}

// Citations are copied at a press; without a script their addresses give them as files.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const text = await (await fetch(button.dataset.copy)).text();
      if (navigator.clipboard) await navigator.clipboard.writeText(text);
      else {
        // Where pages come without TLS, browsers have only the old way.
        const field = document.createElement("textarea");
        field.value = text;
        document.body.append(field);
        field.select();
        document.execCommand("copy");
        field.remove();
      }
      document.getElementById("copied").textContent = button.dataset.done;
      button.textContent = button.dataset.done;
    } catch { location.href = button.dataset.copy; }
  });
}

// The language menu of the archive goes at once; its button is for browsers without a script.
for (const select of document.querySelectorAll("select[data-go]")) {
  select.form.querySelector("button").hidden = true;
  select.addEventListener("change", () => select.form.submit());
}

// On a phone the groups of topics are folded, but for those with something chosen.
if (matchMedia("(max-width: 40rem)").matches) {
  for (const group of document.querySelectorAll("details.group[open]")) group.open = group.querySelector(":checked") !== null;
}
document.documentElement.classList.add("folded");

// What is looked for among the topics is found while it is typed; without a script the button finds it.
const findButton = document.querySelector("button[data-find]");
if (findButton) {
  const field = document.getElementById("find"), found = document.getElementById("found");
  const chosen = document.getElementById("chosen"), form = findButton.form;
  const places = () => form.querySelectorAll("#topics .boxes > li");
  let waiting, asked = 0;
  // What was ticked among the found stays when something else is looked for.
  const keep = () => {
    for (const box of found.querySelectorAll("input:checked")) {
      chosen.querySelector("ul").append(box.closest("li"));
      chosen.hidden = false;
    }
  };
  const show = (answer) => {
    keep();
    found.innerHTML = answer;
    const fits = answer === "" ? null : new Set(found.querySelector("[data-found]").dataset.found.split(" "));
    const there = new Set([...form.querySelectorAll("#topics input[type=checkbox]")].filter((box) => !found.contains(box)).map((box) => box.value));
    for (const box of found.querySelectorAll("input")) if (there.has(box.value)) box.closest("li").remove();
    for (const place of places()) {
      if (!found.contains(place)) place.hidden = fits !== null && !chosen.contains(place) && !fits.has(place.querySelector("input").value);
    }
    for (const group of form.querySelectorAll(".group")) {
      const shown = group.querySelector("li:not([hidden])") !== null;
      group.hidden = fits !== null && !shown;
      if (fits !== null && shown) group.open = true;
    }
  };
  const ask = async () => {
    clearTimeout(waiting);
    const mine = (asked += 1), wanted = field.value.trim();
    if (wanted === "") { show(""); return; }
    try {
      const answer = await fetch(`${findButton.dataset.find}?find=${encodeURIComponent(wanted)}`);
      // What comes is escaped where it is rendered; a late answer must not take the place of a newer one.
      if (answer.ok && mine === asked) show(await answer.text());
    } catch { /* out of reach: the button still works */ }
  };
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 250); });
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); ask(); } });
  findButton.addEventListener("click", (event) => { event.preventDefault(); ask(); });
  for (const button of form.querySelectorAll("button[name=finding]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      field.value = button.value;
      ask();
      field.focus();
    });
  }
}

// Saved queries are tried as they are written; without a script the button does it.
const tryButton = document.querySelector("button[data-try]");
if (tryButton) {
  const place = document.getElementById("trial");
  const fields = ["queries", "authors", "excluded"].map((id) => document.getElementById(id));
  let waiting, asked = 0;
  const ask = async () => {
    clearTimeout(waiting);
    const mine = (asked += 1);
    if (fields.every((field) => field.value.trim() === "")) { place.replaceChildren(); return; }
    const body = new FormData();
    for (const field of [...fields, tryButton.form.elements.csrf_token]) body.append(field.name, field.value);
    try {
      const answer = await fetch(tryButton.dataset.try, { method: "POST", body, headers: { "X-Part": "trial" } });
      const part = answer.ok ? await answer.text() : "";
      // What comes is escaped where it is rendered; a late answer must not take the place of a newer one.
      if (mine === asked) place.innerHTML = part;
    } catch { /* out of reach: the button still works */ }
  };
  for (const field of fields) {
    field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 600); });
  }
  tryButton.addEventListener("click", (event) => { event.preventDefault(); ask(); });
}

// Today's mail follows what is ticked; without a script the button shows it.
const previewButton = document.querySelector("button[data-preview]");
if (previewButton) {
  const part = document.getElementById("preview-part"), told = document.getElementById("preview-status");
  const form = previewButton.form;
  let waiting, asked = 0;
  const show = async () => {
    clearTimeout(waiting);
    const mine = (asked += 1), body = new FormData(form);
    for (const name of [...body.keys()]) if (!["csrf_token", "topics", "search", "follow", "language"].includes(name)) body.delete(name);
    try {
      const answer = await fetch(previewButton.dataset.preview, { method: "POST", body, headers: { "X-Part": "preview" } });
      // A late answer must not take the place of a newer one; one that failed leaves what is there.
      if (!answer.ok || mine !== asked) return;
      part.innerHTML = await answer.text();
      document.getElementById("sum").textContent = part.querySelector("[data-sum]").textContent;
      told.textContent = part.querySelector("#preview-told").firstChild.textContent.trim();
    } catch { /* out of reach: the button still works */ }
  };
  const later = () => { clearTimeout(waiting); waiting = setTimeout(show, 500); };
  previewButton.addEventListener("click", (event) => { event.preventDefault(); show(); });
  form.addEventListener("change", (event) => { if (["topics", "search", "follow", "language"].includes(event.target.name)) later(); });
  // A browser that goes back fills the form in again.
  if (form.querySelector("input[name=topics]:checked") && !form.querySelector("input[name=topics][checked]")) later();
}

const faults = document.getElementById("faults");
if (faults) faults.focus();

// What a link within the page leads to may be folded.
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const fold = target && target.closest("details");
  if (fold) fold.open = true;
};
addEventListener("hashchange", reveal);
reveal();
