/* Clusterlotse: puts one button on a page, which opens the automatic information service. No cookies, nothing stored, nothing else loaded. */
(() => {
  "use strict";
  const script = document.currentScript, once = Symbol.for("clusterlotse");
  if (!script || window[once]) return;
  window[once] = 1;
  const { language, position, colour, title } = script.dataset, origin = new URL(script.src).origin;
  const german = !/^en\b/i.test(language || document.documentElement.lang || "de");
  const label = title?.trim().slice(0, 80) || (german ? "Fragen? Automatische Auskunft" : "Questions? Automated assistant");
  const side = position === "left" ? "left" : "right", full = matchMedia("(max-width:30em),(max-height:28em)");
  const back = /^#([\da-f]{3}|[\da-f]{6})$/i.test(colour || "") ? colour : "#0b4a6f";
  // black or white on the colour, whichever is easier to read (relative luminance of WCAG 2)
  const parts = back.slice(1).match(back.length < 5 ? /./g : /../g).map((part) => parseInt(part.length < 2 ? part + part : part, 16) / 255);
  const [red, green, blue] = parts.map((part) => (part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92));
  const front = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";

  const add = (kind, within, values) => within.appendChild(Object.assign(document.createElement(kind), values));
  const start = () => {
    const place = document.createElement("clusterlotse-widget"), root = place.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    // rules from a script need no permission in the page's policy, unlike style elements and attributes
    sheet.replaceSync(`:host{all:initial;color-scheme:light dark}
*{box-sizing:border-box;font:600 16px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;color:${front}}
button{cursor:pointer;background:${back};border:2px solid ${front};border-radius:2em;padding:.65em 1.2em;max-width:calc(100vw - 2em)}
button:hover{text-decoration:underline}
button:focus-visible{outline:3px solid ${back};outline-offset:3px;box-shadow:0 0 0 3px #fff}
.open{position:fixed;bottom:1em;${side}:1em;z-index:2147483646;box-shadow:0 2px 12px #0005}
dialog{position:fixed;inset:auto;bottom:5.2em;${side}:1em;z-index:2147483647;margin:0;padding:0;border:1px solid #5a6b78;border-radius:.7em;overflow:hidden;flex-direction:column;background:Canvas;width:27em;max-width:calc(100vw - 2em);height:44em;max-height:calc(100vh - 6.4em);box-shadow:0 8px 40px #0006}
dialog[open]{display:flex}
dialog:modal{inset:0;width:100%;height:100%;max-width:none;max-height:none;border:0;border-radius:0}
.bar{display:flex;align-items:center;justify-content:space-between;gap:1em;background:${back};padding:.4em .5em .4em 1em}
.bar button{border-color:transparent;padding:.2em .7em;font-weight:400;font-size:1.4em;line-height:1.2}
.bar button:focus-visible{outline-color:${front};outline-offset:-4px;box-shadow:none}
iframe{flex:1;width:100%;border:0;background:Canvas}
@media print{:host{display:none}}`);
    root.adoptedStyleSheets = [sheet];
    const button = add("button", root, { type: "button", className: "open", textContent: label, ariaExpanded: "false", ariaHasPopup: "dialog" });
    const panel = add("dialog", root, { ariaLabel: label }), bar = add("div", panel, { className: "bar" });
    let frame;
    add("span", bar, { textContent: label });
    const close = add("button", bar, { type: "button", textContent: "×", ariaLabel: german ? "Schließen" : "Close" });
    const tell = () => { if (panel.open) { frame.focus(); frame.contentWindow.postMessage({ clusterlotse: "opened" }, origin); } };
    const hide = () => panel.close();
    button.onclick = () => {
      if (panel.open) { hide(); return; }
      if (full.matches) panel.showModal(); else panel.show();
      button.ariaExpanded = "true";
      if (frame) { tell(); return; }
      frame = add("iframe", panel, { title: label, allow: "clipboard-write", onload: tell, src: `${origin}/embed?lang=${german ? "de" : "en"}&frame=1` });
    };
    close.onclick = hide;
    panel.onclose = () => { button.ariaExpanded = "false"; button.focus(); };
    root.addEventListener("keydown", (event) => { if (event.key === "Escape" && panel.open) hide(); });
    addEventListener("message", (event) => {
      if (frame && event.origin === origin && event.source === frame.contentWindow && event.data?.clusterlotse === "close") hide();
    });
    document.body.append(place);
  };
  if (document.body) start(); else addEventListener("DOMContentLoaded", start);
})();
