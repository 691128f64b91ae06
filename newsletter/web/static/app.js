// What a page does better with a script; every page works without it.
"use strict";

// The confirm page posts by itself only where the server saw the cookie of the sign-up.
const atOnce = document.querySelector("form[data-at-once]");
if (atOnce) atOnce.submit();

// The time zone of this device, unless the form came back with a choice of its own.
const zone = document.querySelector("select[data-guess]");
if (zone) {
  try {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...zone.options].some((option) => option.value === here)) zone.value = here;
  } catch { /* an old browser keeps the guess of the server */ }
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

// The filter over the topics: a branch stays while its own name or one below fits.
const filter = document.getElementById("topic-filter");
if (filter) {
  filter.closest(".filter").hidden = false;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const told = document.getElementById("topic-told");
  // A topic is found by its name and its English one, not by the figure beside it.
  const fitsIn = (place, wanted) => {
    const name = place.querySelector(".topic > span, .heading").firstChild.textContent;
    return plain(`${name} ${place.querySelector(".topic")?.dataset.also ?? ""}`).includes(wanted);
  };
  filter.addEventListener("input", () => {
    const wanted = plain(filter.value.trim());
    let shown = 0;
    for (const branch of document.querySelectorAll(".branch")) {
      const upper = fitsIn(branch.querySelector(".upper"), wanted);
      let below = 0;
      for (const item of branch.querySelectorAll("ul > li")) {
        const fits = upper || fitsIn(item, wanted);
        item.hidden = !fits;
        below += fits ? 1 : 0;
      }
      branch.hidden = !upper && below === 0;
      shown += below + (upper && branch.querySelector(".upper input") ? 1 : 0);
    }
    const figure = shown.toLocaleString(document.documentElement.lang);
    told.textContent = wanted === "" ? "" : shown ? told.dataset.some.replace("{}", figure) : told.dataset.none;
  });
  filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
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
    for (const name of [...body.keys()]) if (!["csrf_token", "topics", "language"].includes(name)) body.delete(name);
    try {
      const answer = await fetch(previewButton.dataset.preview, { method: "POST", body, headers: { "X-Part": "preview" } });
      // A late answer must not take the place of a newer one; one that failed leaves what is there.
      if (!answer.ok || mine !== asked) return;
      part.innerHTML = await answer.text();
      told.textContent = part.querySelector("#preview-told").firstChild.textContent.trim();
    } catch { /* out of reach: the button still works */ }
  };
  const later = () => { clearTimeout(waiting); waiting = setTimeout(show, 500); };
  form.addEventListener("change", (event) => { if (["topics", "language"].includes(event.target.name)) later(); });
  previewButton.addEventListener("click", (event) => { event.preventDefault(); show(); });
  // A browser that goes back fills the form in again.
  if (form.querySelector("input[name=topics]:checked") && !part.childElementCount) later();
}

const faults = document.getElementById("faults");
if (faults) faults.focus();
