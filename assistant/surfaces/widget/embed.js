/* The plain page's own script: asks without leaving the page. Without it the page is a form. It stores nothing on the device. */
(() => {
  "use strict";
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const main = one("#content"), form = one("#ask"), field = one("#question"), talk = one("#talk"), status = one("#status"), fault = one("#fault");
  const words = main.dataset, fragment = "text/html-fragment", framed = parent !== window;
  let busy = false, host = null;

  const show = (within) => all("[data-act][hidden]", within).forEach((button) => { button.hidden = false; });
  const behavior = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
  const made = (kind, name, text) => Object.assign(document.createElement(kind), { className: name, textContent: text });

  const send = (address, values) => fetch(address, { method: "POST", headers: { Accept: fragment }, body: new URLSearchParams(values), credentials: "omit", referrerPolicy: "no-referrer" });

  /** What the server said when it gave no answer, in words for people. */
  async function reason(response) {
    try { return (await response.json()).detail || words.offline; } catch { return words.offline; }
  }

  function failed(text) {
    fault.textContent = text;
    fault.hidden = false;
    status.textContent = text;
  }

  function waiting(question) {
    const turn = made("section", "turn waiting", ""), asked = made("div", "asked", "");
    asked.append(made("span", "visually-hidden", `${words.asked}: `), question);
    turn.append(asked, made("p", "working", words.waiting));
    talk.append(turn);
    turn.scrollIntoView({ behavior: behavior(), block: "start" });
    return turn;
  }

  async function ask(question, source) {
    busy = true;
    fault.hidden = true;
    status.textContent = words.working;
    const begun = document.body.classList.contains("begun"), typed = source !== null && source.name === "choice" ? field.value : "";
    document.body.classList.add("begun");
    const place = waiting(question);
    field.value = typed;
    all("[data-empty]").forEach((part) => { part.hidden = true; });
    // a starter question has just disappeared, so the focus needs a new place; on a phone no keyboard shall open
    const fine = matchMedia("(pointer: fine)").matches;
    if (fine && (!begun || source === null || source.name !== "choice")) field.focus({ preventScroll: true });
    if (!fine) field.blur();
    try {
      const response = await send(form.action, { question, conversation: form.elements.conversation.value, lang: form.elements.lang.value, ...(form.elements.frame ? { frame: 1 } : {}) });
      if (!(response.headers.get("content-type") || "").startsWith(fragment)) throw new Error(await reason(response));
      // parsed apart from the page: nothing in it can run, and the server has cleaned it
      const turn = one(".turn", new DOMParser().parseFromString(await response.text(), "text/html"));
      if (response.ok) form.elements.conversation.value = turn.dataset.conversation;
      place.replaceWith(document.adoptNode(turn));
      turn.scrollIntoView({ behavior: behavior(), block: "start" });
      if (!fine) one(".answer", turn).focus({ preventScroll: true });
      status.textContent = words.ready;
    } catch (error) {
      place.remove();
      if (!typed) field.value = question;
      failed(error instanceof TypeError ? words.offline : error.message);
    }
    busy = false;
  }

  async function rate(form, button) {
    const data = new FormData(form);
    data.set("rating", button.value);
    const given = made("p", "given", "");
    given.tabIndex = -1;
    try {
      const response = await send(form.action, data);
      given.textContent = (response.headers.get("content-type") || "").startsWith("text/plain") ? await response.text() : await reason(response);
    } catch { given.textContent = words.offline; }
    form.replaceWith(given);
    given.focus({ preventScroll: true });
  }

  async function copy(answer, button) {
    const text = one(".text", answer).cloneNode(true);
    all("sup", text).forEach((mark) => { mark.textContent = ` [${mark.textContent}]`; });
    const blocks = all("p, li", text).map((block) => block.textContent.trim());
    const cards = all(".card", answer).map((card) => [
      `${all(".number", card).map((number) => `[${number.textContent}]`).join("")} ${one("h3", card).textContent}`, one(".facts", card)?.textContent, one(".original a", card)?.href,
    ].filter(Boolean).join(" · "));
    try { await navigator.clipboard.writeText([...blocks, one(".provenance", answer)?.textContent, ...cards].filter(Boolean).join("\n\n")); } catch { return; }
    const label = one("span", button);
    label.textContent = status.textContent = words.copied;
    setTimeout(() => { label.textContent = words.copy; }, 2000);
  }

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.matches(".rate")) { rate(event.target, event.submitter); return; }
    const choice = event.submitter?.name === "choice" ? event.submitter : null;
    const question = choice ? choice.value : field.value;
    if (!busy && question.trim()) ask(question, choice);
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-act], a.marker");
    if (target?.dataset.act === "copy") copy(target.closest(".answer"), target);
    if (target?.dataset.act === "print") print();
    if (target?.matches("a.marker")) {
      const source = document.getElementById(decodeURIComponent(target.hash.slice(1)));
      if (!source) return;
      event.preventDefault();
      source.closest("details").open = true;
      source.tabIndex = -1;
      source.focus({ preventScroll: true });
      source.scrollIntoView({ behavior: behavior(), block: "nearest" });
    }
  });

  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });

  // on paper every source is open
  let closed = [];
  addEventListener("beforeprint", () => { closed = all("details.sources:not([open])"); closed.forEach((part) => { part.open = true; }); });
  addEventListener("afterprint", () => { closed.forEach((part) => { part.open = false; }); });

  // inside the widget: the host says that it opened the frame, from then on Esc asks that same host to close it
  if (framed) {
    addEventListener("message", (event) => {
      if (event.source !== parent || event.data?.clusterlotse !== "opened") return;
      host = event.origin;
      if (matchMedia("(pointer: fine)").matches) field.focus(); else main.focus({ preventScroll: true });
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && host) parent.postMessage({ clusterlotse: "close" }, host);
    });
  }

  show(document);
  if (one(".turn", talk)) status.textContent = words.ready;
})();
