// How the pages write amounts, days and texts.
const numbers = new Intl.NumberFormat("en-GB", { style: "currency", currency: "GBP" });
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

export const AS_OF = "2026-11-21";
export const AT = "http://127.0.0.1:8000";
export const text = (value) => String(value).replace(/[&<>"']/g, (found) => escapes[found]);
export const money = (minor) => numbers.format(minor / 100);
export const day = (iso) => days.format(new Date(iso));
