/* The chat window's own script. It runs before Gradio's, asks through Gradio's field, and stores nothing on the
   device. */
(() => {
  "use strict";
  const language = document.documentElement.lang;
  // Gradio takes the language of its labels from the browser; here the page's language decides
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [language], configurable: true });
  // the server does not know for sure under which address it is seen
  window.gradio_config.root = window.location.origin;

  // Gradio tells of faults in English only: its toast is hidden, and ours says what the server said (see `fault`)
  const send = window.fetch.bind(window);
  window.fetch = async (address, options) => {
    const joining = String(address?.url ?? address).includes("/gradio_api/queue/join");
    try {
      const response = await send(address, options);
      if (joining && response.ok) fault("");
      if (joining && !response.ok) {
        const told = (problem) => fault(response.status === 429 ? problem.detail : room.dataset.failed);
        response.clone().json().then(told, () => fault());
      }
      return response;
    } catch (error) {
      if (joining) fault();
      throw error;
    }
  };

  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const behavior = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
  let room, status, panel, working = false, answers = 0, toasted = false, faulted = 0;

  const field = () => one("#question textarea, #question input");
  const say = (text) => { status.textContent = ""; requestAnimationFrame(() => { status.textContent = text; }); };

  /** Says politely what failed, by default that the connection did; an empty text takes it back. */
  function fault(text = room.dataset.notConnected) {
    const place = one("#fault");
    faulted = Date.now();
    place.textContent = text;
    place.hidden = !text;
    if (text) place.scrollIntoView({ behavior: behavior(), block: "nearest" });
  }

  /** Waits for something of Gradio's, which appears later than our page. */
  async function present(find) {
    for (let found; ;) {
      if ((found = find())) return found;
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  /** Asks a question through Gradio's field and button, as a person would. */
  async function ask(question) {
    const box = await present(field);
    const send = await present(() => one("#send"));
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((later) => setTimeout(later, 30));
    send.click();
    if (matchMedia("(pointer: fine)").matches) box.focus({ preventScroll: true });
  }

  /** Shows the sources of an answer beside the conversation. */
  function select(answer) {
    const cards = answer && one("details.sources .cards", answer);
    all(".answer.selected").forEach((other) => other.classList.toggle("selected", other === answer));
    panel.hidden = !cards;
    room.classList.toggle("with-sources", Boolean(cards));
    if (!cards) return;
    answer.classList.add("selected");
    const shown = cards.cloneNode(true);
    all("[id]", shown).forEach((part) => { part.id = `panel-${part.id}`; });
    one(".cards", panel).replaceWith(shown);
    one(".for", panel).textContent = room.dataset.sourcesFor.replace("{question}", answer.dataset.question);
    panel.scrollTop = 0;
  }

  /** Leads from a number in the text to its source: beside the conversation, or folded out under the answer. */
  function follow(link) {
    const answer = link.closest(".answer");
    const id = decodeURIComponent(link.hash.slice(1));
    const wide = getComputedStyle(one("details.sources", answer)).display === "none";
    if (wide) select(answer); else one("details.sources", answer).open = true;
    const source = document.getElementById(wide ? `panel-${id}` : id);
    if (!source) return;
    all(".quote.pointed").forEach((other) => other.classList.remove("pointed"));
    source.classList.add("pointed");
    source.tabIndex = -1;
    source.focus({ preventScroll: true });
    source.scrollIntoView({ behavior: behavior(), block: "nearest" });
  }

  async function rate(form, value) {
    const [rating, reason] = value.split(":"), given = document.createElement("p");
    given.className = "given";
    given.tabIndex = -1;
    form.replaceWith(given);
    const address = `/api/v1/answers/${encodeURIComponent(form.elements.answer.value)}/feedback`;
    const body = JSON.stringify(reason && reason !== "none" ? { rating, reason } : { rating });
    const headers = { "Content-Type": "application/json" };
    let sent = false;
    try {
      sent = (await fetch(address, { method: "POST", headers, body, keepalive: true, credentials: "omit" })).ok;
    } catch { /* said below */ }
    given.textContent = sent ? room.dataset.thanks : room.dataset.notSent;
    say(given.textContent);
    return given;
  }

  /** A rating whose reason nobody chose is sent without one. */
  const sendUnsent = () => all(".rate .fold[open]").forEach((fold) => rate(fold.closest(".rate"), "down"));

  async function copy(answer, button) {
    const blocks = all(".text, .rest", answer).flatMap((part) => {
      const text = part.cloneNode(true);
      all("sup", text).forEach((mark) => { mark.textContent = ` [${mark.textContent}]`; });
      return all("p, li:not(:has(p))", text).map((block) => block.textContent.trim());
    });
    const line = one(".provenance span", answer)?.textContent;
    const seen = all("details.sources .card", answer).map((card) => {
      const numbers = all(".number", card).map((number) => `[${number.textContent}]`).join("");
      const facts = [`${numbers} ${one("h3", card).textContent}`, one(".facts", card)?.textContent];
      return [...facts, one(".original a", card)?.href].filter(Boolean).join(" · ");
    });
    const copied = [...blocks, line, ...seen].filter(Boolean).join("\n\n");
    try { await navigator.clipboard.writeText(copied); } catch { return; }
    const label = one("span", button);
    label.textContent = room.dataset.copied;
    say(room.dataset.copied);
    setTimeout(() => { label.textContent = room.dataset.copy; }, 2000);
  }

  const acts = {
    copy,
    sources: (answer) => { select(answer); panel.tabIndex = -1; panel.focus({ preventScroll: true }); },
  };

  function clicked(event) {
    const target = event.target instanceof Element && event.target.closest("[data-ask], [data-act], a.marker, .skip");
    if (!target) return;
    if (target.matches(".skip")) { event.preventDefault(); field()?.focus(); return; }
    if (target.matches("a.marker")) { event.preventDefault(); follow(target); return; }
    if (target.dataset.ask) { ask(target.dataset.ask); return; }
    acts[target.dataset.act]?.(target.closest(".answer"), target);
  }

  function submitted(event) {
    if (!event.target.matches(".rate")) return;
    event.preventDefault();
    rate(event.target, event.submitter.value).then((given) => given.focus({ preventScroll: true }));
  }

  /** On paper what folds is open. */
  let closed = [];
  const fold = (open) => closed.forEach((part) => { part.open = open; });
  addEventListener("beforeprint", () => {
    closed = all("#chat .more:not([open]), #chat .sources:not([open])");
    fold(true);
  });
  addEventListener("afterprint", () => fold(false));

  /** After each change of the conversation: labels, status line, newest sources, and the question in view. */
  function changed() {
    const log = one("#chat [role=log]");
    if (log && log.getAttribute("aria-live") !== "off") {
      // the log would be read out again with every update; the status line says what matters
      log.setAttribute("aria-live", "off");
      log.setAttribute("aria-label", room.dataset.conversation);
    }
    // Gradio labels each message with its markup
    all("#chat [data-testid][aria-label]").forEach((message) => message.removeAttribute("aria-label"));
    const begun = Boolean(one("#chat .asked"));
    document.body.classList.toggle("begun", begun);
    if (begun) all("[data-empty]").forEach((part) => { part.hidden = true; });
    const toast = Boolean(one(".toast-body"));
    if (toast && !toasted && Date.now() - faulted > 1000) fault();
    toasted = toast;
    const now = Boolean(one("#chat .working"));
    if (now && !working) { working = true; sendUnsent(); say(room.dataset.working); inView(); }
    const found = all("#chat .answer");
    if (!now && found.length !== answers) {
      answers = found.length;
      working = false;
      say(room.dataset.ready);
      select(found.at(-1));
      inView();
    }
  }

  function inView() {
    const last = all("#chat .asked").at(-1);
    if (last) requestAnimationFrame(() => last.scrollIntoView({ behavior: behavior(), block: "start" }));
  }

  document.addEventListener("DOMContentLoaded", () => {
    room = one("#content");
    status = one("#status");
    panel = one("#sources");
    document.addEventListener("click", clicked);
    document.addEventListener("submit", submitted);
    addEventListener("pagehide", sendUnsent);
    let waiting = false;
    new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; changed(); });
    }).observe(one("gradio-app"), { childList: true, subtree: true });
  });
})();
