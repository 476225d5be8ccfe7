"use strict";
(() => {
  const sealed = document.getElementById("sealed");
  const bytes = (text) => new TextEncoder().encode(text);
  const part = () => location.hash.slice(1).split("!");

  const show = (state) => {
    for (const one of document.querySelectorAll("[data-when]")) {
      one.hidden = one.dataset.when !== state;
    }
  };

  const begin = () => {
    if (!window.isSecureContext || !window.DecompressionStream) return show("browser");
    show(/^[a-z2-7]{32}$/.test(part()[0]) ? "ready" : "incomplete");
  };

  const unsealed = async (raw, use) => {
    const secret = await crypto.subtle.importKey("raw", bytes(part()[0]), "HKDF", false, ["deriveKey"]);
    const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes(`${use} key`) };
    const key = await crypto.subtle.deriveKey(hkdf, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const gcm = { name: "AES-GCM", iv: raw.slice(0, 12), additionalData: bytes(use) };
    const plain = await crypto.subtle.decrypt(gcm, key, raw.slice(12));
    const packed = plain.slice(4, 4 + new DataView(plain).getUint32(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")));
  };

  const opened = async () => {
    const raw = Uint8Array.from(atob(sealed.dataset.page), (sign) => sign.charCodeAt(0));
    const page = await unsealed(raw, "page.v1");
    return new DOMParser().parseFromString(await page.text(), "text/html");
  };

  const save = async (link) => {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.statusText);
    const file = await unsealed(new Uint8Array(await answer.arrayBuffer()), "document.v1");
    const made = document.createElement("a");
    made.href = URL.createObjectURL(new Blob([await file.arrayBuffer()], { type: "application/pdf" }));
    made.download = link.download;
    made.click();
  };

  const reveal = (page) => {
    const place = part()[1];
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.documentElement.dir = page.documentElement.dir;
    document.body.replaceWith(document.adoptNode(page.body));
    const meant = place && document.getElementById(place);
    if (meant) {
      meant.style.display = "block";
      meant.closest("details")?.setAttribute("open", "");
    }
    const first = meant || document.querySelector("h1");
    first.tabIndex = -1;
    first.focus();
  };

  // What follows the # is the key: a jump within the page must not take its place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    target.tabIndex = -1;
    target.focus();
  });

  // The invoice's own document lies encrypted beside its page.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-sealed]");
    if (!link) return;
    event.preventDefault();
    const failed = document.getElementById("unsaved");
    failed.hidden = true;
    save(link).catch(() => { failed.hidden = false; });
  });

  document.getElementById("reveal").addEventListener("click", () => {
    opened().then(reveal, () => show("wrong"));
  });
  window.addEventListener("hashchange", begin);
  begin();
})();
