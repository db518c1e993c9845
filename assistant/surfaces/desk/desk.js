// Look-up while typing, keyboard, copying; the editor's checks and passages; polling of what runs in the background.
"use strict";
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const csrf = $("meta[name=csrf]").content;
let hush = 0;
function say(text) {
  const said = $("#said");
  said.textContent = text;
  clearTimeout(hush);
  hush = setTimeout(() => { said.textContent = ""; }, 4000);
}
async function fragment(address, options = {}) {
  const response = await fetch(address, {credentials: "same-origin", ...options, headers: {"X-CSRF-Token": csrf}});
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  return response.text();
}
function later(wait, action) {
  let timer = 0;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => action(...values), wait); };
}
async function copy(text) {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

const field = $("#q"), results = $("#results");
if (field && results) {
  let busy = false, wanted = null, shown = field.value;
  const hits = () => $$(".hit", results);
  const tongue = () => $("input[name=tongue]:checked").value;
  // one request at a time, and then the newest: whoever types fast does not queue up behind what nobody wants any more
  const look = async () => {
    wanted = {asked: new URLSearchParams({q: field.value, tongue: tongue()}), text: field.value, since: performance.now()};
    if (busy) return;
    busy = true;
    while (wanted) {
      const {asked, text, since} = wanted;
      wanted = null;
      try {
        results.innerHTML = await fragment("/desk/results?" + asked);
        results.dataset.took = String(Math.round(performance.now() - since));
        results.dataset.query = text;
        history.replaceState(null, "", text ? "/desk/?" + asked : "/desk/");
      } catch { say(results.dataset.offline); }
    }
    busy = false;
  };
  const announce = later(900, () => { const count = $(".count", results); if (count) $("#counted").textContent = count.dataset.count; });
  field.addEventListener("input", () => { if (field.value !== shown) { shown = field.value; look(); announce(); } });
  for (const choice of $$("input[name=tongue]")) choice.addEventListener("change", look);
  $("#look-up").addEventListener("submit", event => { event.preventDefault(); hits()[0]?.focus(); });
  const current = () => document.activeElement.closest?.(".hit");
  const copied = async (kind, hit = current() ?? $(".nothing, .hit.answer", results)) => {
    const language = tongue() || hit?.dataset.language;
    const text = hit && ($(`template[data-text="${kind}-${language}"]`, hit) ?? $(`template[data-text^="${kind}-"]`, hit));
    if (!text) { say(results.dataset.nothing); return; }
    // the caller's own question where it was typed in the language of the mail, else the one that the answer is for
    const typed = $(".count", results)?.dataset, own = typed && text.dataset.text.endsWith(typed.spoken) ? typed.asked : "";
    await copy(text.content.textContent.replaceAll("\ufffc", own || text.dataset.asked || ""));
    say(kind === "mail" ? results.dataset.mailed : results.dataset.copied);
  };
  // the focus would hide the button before it is clicked
  results.addEventListener("mousedown", event => { if (event.target.closest("[data-whole]")) event.preventDefault(); });
  results.addEventListener("click", event => {
    const button = event.target.closest("[data-copy]");
    if (button) copied(button.dataset.copy, button.closest(".hit, .nothing"));
    const whole = event.target.closest("[data-whole]")?.closest(".hit");
    if (whole) { whole.classList.add("open"); whole.focus(); }
  });
  document.addEventListener("keydown", event => {
    if (event.altKey && !event.ctrlKey && !event.metaKey && (event.code === "KeyC" || event.code === "KeyE")) {
      event.preventDefault();
      copied(event.code === "KeyE" ? "mail" : "answer");
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const inside = current(), all = hits(), at = all.indexOf(inside);
    if (event.key === "ArrowDown" && (document.activeElement === field || inside)) {
      event.preventDefault();
      (all[at + 1] ?? all[at])?.focus();
    } else if (event.key === "ArrowUp" && inside) {
      event.preventDefault();
      (all[at - 1] ?? field).focus();
    } else if (event.key === "Enter" && document.activeElement === inside && inside) {
      event.preventDefault();
      if (inside.dataset.open) location.assign(inside.dataset.open);
      else inside.classList.toggle("open");
    } else if (event.key === "Escape") {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
}

const draft = $("#draft");
if (draft) {
  const partial = () => { for (const part of $$("[data-partial]")) part.hidden = $("#status").value !== "partial"; };
  partial();
  $("#status").addEventListener("change", partial);
  const check = later(500, async () => {
    try { $("#findings").innerHTML = await fragment("/desk/answers/check", {method: "POST", body: new FormData(draft)}); } catch { /* the next keystroke tries again */ }
  });
  draft.addEventListener("input", check);
  const near = later(200, async () => { $("#near").innerHTML = await fragment("/desk/passages?" + new URLSearchParams({q: $("#near-q").value})); });
  $("#near-q").addEventListener("input", near);
  for (const button of $$("[data-phrasing]")) button.addEventListener("click", () => {
    const area = $("#questions_" + button.dataset.phrasing), text = button.dataset.value;
    if (!area.value.split("\n").includes(text)) area.value = (area.value.trim() + "\n" + text).trim();
    check();
  });
  // a document may be in a language that the programme does not speak: its quote gets a field of its own
  const quoteField = (row, language) => {
    const id = `source_${row.dataset.row}_quote_${language}`;
    return $("#" + id) ?? $(".grid", row).appendChild(Object.assign(document.createElement("textarea"), {id, name: id, rows: 2, lang: language, ariaLabel: language}));
  };
  const freeRow = (document, language) => {
    const rows = $$(".source-row");
    const value = (row, name) => $(`#source_${row.dataset.row}_${name}`).value.trim();
    return rows.find(row => value(row, "document") === document && !quoteField(row, language).value.trim())
      ?? rows.find(row => !value(row, "document") && !value(row, "title") && !value(row, "url"));
  };
  const take = (document, title, language, quote) => {
    const row = quote && freeRow(document, language);
    if (!row) return false;
    row.open = true;
    $(`#source_${row.dataset.row}_document`).value = document;
    quoteField(row, language).value = quote.replace(/\s+/g, " ").trim();
    $(".row-name", row).textContent = title;
    return true;
  };
  $("#near").addEventListener("mousedown", event => { if (event.target.closest(".take")) event.preventDefault(); });
  $("#near").addEventListener("click", event => {
    const sentence = event.target.closest(".sentence");
    if (sentence) {
      if (String(getSelection()).trim()) return;
      sentence.setAttribute("aria-pressed", sentence.getAttribute("aria-pressed") === "true" ? "false" : "true");
      return;
    }
    const button = event.target.closest(".take");
    if (!button) return;
    const article = button.closest(".near"), selection = getSelection(), marked = String(selection).trim();
    const picked = marked && selection.anchorNode && article.contains(selection.anchorNode) ? selection.anchorNode.parentElement.closest(".pick") : null;
    if (picked) take(article.dataset.document, article.dataset.title, picked.dataset.language, marked);
    else for (const pick of $$(".pick", article)) {
      // sentences that follow each other are one quote; others would not stand in the document together
      let run = [];
      const runs = [];
      for (const s of $$(".sentence", pick)) {
        if (s.getAttribute("aria-pressed") === "true") run.push(s.textContent);
        else if (run.length) { runs.push(run.join(" ")); run = []; }
      }
      if (run.length) runs.push(run.join(" "));
      for (const quote of runs) take(article.dataset.document, article.dataset.title, pick.dataset.language, quote);
      for (const s of $$(".sentence", pick)) s.setAttribute("aria-pressed", "false");
    }
    selection.removeAllRanges();
    check();
  });
}

for (const part of $$("[data-poll]")) {
  const look = async () => {
    if (!$("[data-waiting]", part)) return;
    try {
      const fresh = await fragment(part.dataset.poll);
      if (fresh !== part.innerHTML) part.innerHTML = fresh;
      if (!$("[data-waiting]", part) && part.id === "progress") { location.assign("/desk/documents"); return; }
    } catch { return; }
    setTimeout(look, 700);
  };
  setTimeout(look, 400);
}
const wanted = $("[data-wanted]");
if (wanted) { wanted.scrollIntoView({block: "center"}); wanted.focus({preventScroll: true}); }
