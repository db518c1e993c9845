/* The plain page's own script: asks without leaving the page. Without it the page is a form. It stores nothing on the
   device. */
(() => {
  "use strict";
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const main = one("#content"), form = one("#ask"), field = one("#question"), talk = one("#talk");
  const status = one("#status"), fault = one("#fault");
  const words = main.dataset, fragment = "text/html-fragment", framed = parent !== window;
  let busy = false, host = null;

  const behavior = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
  const made = (kind, name, textContent) => Object.assign(document.createElement(kind), { className: name, textContent });

  const send = (address, values) => fetch(address, {
    method: "POST", headers: { Accept: fragment }, body: new URLSearchParams(values), credentials: "omit",
    referrerPolicy: "no-referrer",
  });

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
    const begun = document.body.classList.contains("begun"), typed = source ? field.value : "";
    document.body.classList.add("begun");
    const place = waiting(question);
    field.value = typed;
    all("[data-empty]").forEach((part) => { part.hidden = true; });
    // a starter question has just disappeared, so the focus needs a new place; on a phone no keyboard shall open
    const fine = matchMedia("(pointer: fine)").matches;
    if (fine && (!begun || !source)) field.focus({ preventScroll: true });
    if (!fine) field.blur();
    try {
      const { conversation, lang, frame } = form.elements;
      const values = { question, conversation: conversation.value, lang: lang.value, ...(frame ? { frame: 1 } : {}) };
      const response = await send(form.action, values);
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
      const said = (response.headers.get("content-type") || "").startsWith("text/plain");
      given.textContent = said ? await response.text() : await reason(response);
    } catch { given.textContent = words.offline; }
    form.replaceWith(given);
    given.focus({ preventScroll: true });
  }

  async function copy(answer, button) {
    const blocks = all(".text, .rest", answer).flatMap((part) => {
      const text = part.cloneNode(true);
      all("sup", text).forEach((mark) => { mark.textContent = ` [${mark.textContent}]`; });
      return all("p, li:not(:has(p))", text).map((block) => block.textContent.trim());
    });
    const line = one(".provenance", answer)?.textContent.trim();
    const cards = all(".card", answer).map((card) => {
      const numbers = all(".number", card).map((number) => `[${number.textContent}]`).join("");
      const facts = [`${numbers} ${one("h3", card).textContent}`, one(".facts", card)?.textContent];
      return [...facts, one(".original a", card)?.href].filter(Boolean).join(" · ");
    });
    const copied = [...blocks, line, ...cards].filter(Boolean).join("\n\n");
    try { await navigator.clipboard.writeText(copied); } catch { return; }
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
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  // on paper what folds is open
  let closed = [];
  const fold = (open) => closed.forEach((part) => { part.open = open; });
  addEventListener("beforeprint", () => {
    closed = all(".more:not([open]), .sources:not([open])");
    fold(true);
  });
  addEventListener("afterprint", () => fold(false));

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

  // what the page without a script leaves open is folded, what needs one is shown
  all(".more").forEach((part) => { part.open = false; });
  all("[data-act][hidden]").forEach((button) => { button.hidden = false; });
  if (one(".turn", talk)) status.textContent = words.ready;
})();
