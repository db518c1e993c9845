/* Clusterlotse: one button that opens the automatic information service in a frame. No cookie, nothing stored, nothing else loaded. */
(() => {
  "use strict";
  const script = document.currentScript, once = Symbol.for("clusterlotse");
  if (!script || window[once]) return;
  window[once] = 1;
  const { language, position, colour, title } = script.dataset, origin = new URL(script.src).origin;
  // by language the name of the button and "Close"; the server fills them in
  const words = WORDS;
  const wished = (language || document.documentElement.lang).slice(0, 2).toLowerCase(), spoken = words[wished] ? wished : Object.keys(words)[0];
  const label = title?.trim().slice(0, 80) || words[spoken][0];
  const side = position === "left" ? "left" : "right";
  const back = /^#[\da-f]{6}$/i.test(colour) ? colour : "#0b4a6f";
  // black or white on the colour, whichever is easier to read (relative luminance of WCAG 2, its curve simplified)
  const light = [.2126, .7152, .0722].reduce((sum, weight, part) => sum + weight * (parseInt(back.slice(2 * part + 1, 2 * part + 3), 16) / 255) ** 2.2, 0);
  const front = light > .179 ? "#000" : "#fff";
  const add = (kind, within, values) => within.appendChild(Object.assign(document.createElement(kind), values));
  const start = () => {
    const root = add("clusterlotse-widget", document.body).attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    // rules from a script need no permission in the page's policy, unlike style elements and attributes
    sheet.replaceSync(`:host{all:initial;color-scheme:light dark}
*{box-sizing:border-box;font:600 16px/1.4 system-ui,"Segoe UI",Roboto,Arial,sans-serif;color:${front}}
button{cursor:pointer;background:${back};border:2px solid ${front};border-radius:2em;padding:.65em 1.2em}
button:hover{text-decoration:underline}
button:focus-visible{outline:3px solid ${back};outline-offset:3px;box-shadow:0 0 0 3px #fff}
.open,dialog{position:fixed;inset:auto;bottom:1em;${side}:1em;z-index:2147483647;max-width:calc(100vw - 2em);box-shadow:0 2px 16px #0006}
dialog{bottom:5em;margin:0;padding:0;border:1px solid #5a6b78;border-radius:.7em;overflow:hidden;flex-direction:column;background:Canvas;width:27em;height:44em;max-height:calc(100vh - 6em)}
[open]{display:flex}
:modal{inset:0;width:100%;height:100%;max-width:none;max-height:none;border:0;border-radius:0}
div{display:flex;align-items:center;justify-content:space-between;background:${back};padding:.4em .4em .4em 1em}
div button{border-color:${back};padding:.3em .7em}
div button:focus-visible{outline-color:${front};outline-offset:-4px;box-shadow:none}
iframe{flex:1;border:0}
@media print{:host{display:none}}`);
    root.adoptedStyleSheets = [sheet];
    const button = add("button", root, { className: "open", textContent: label, ariaExpanded: "false", ariaHasPopup: "dialog" });
    const panel = add("dialog", root, { ariaLabel: label }), bar = add("div", panel), hide = () => panel.close();
    let frame;
    add("span", bar, { textContent: label });
    add("button", bar, { textContent: "✕", ariaLabel: words[spoken][1], onclick: hide });
    const opened = () => { if (panel.open) { frame.focus(); frame.contentWindow.postMessage({ clusterlotse: "opened" }, origin); } };
    button.onclick = () => {
      if (panel.open) { hide(); return; }
      if (matchMedia("(max-width:30em),(max-height:28em)").matches) panel.showModal(); else panel.show();
      button.ariaExpanded = "true";
      if (frame) opened();
      else frame = add("iframe", panel, { title: label, allow: "clipboard-write", onload: opened, src: `${origin}/embed?lang=${spoken}&frame=1` });
    };
    panel.onclose = () => { button.ariaExpanded = "false"; button.focus(); };
    root.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
    addEventListener("message", (event) => { if (event.origin === origin && event.source === frame?.contentWindow && event.data?.clusterlotse === "close") hide(); });
  };
  if (document.body) start(); else addEventListener("DOMContentLoaded", start);
})();
