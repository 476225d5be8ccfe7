// The page of benchmarks/hugo/layouts/page.html: the same words, sections and size.
import { AS_OF, AT, day, money, text } from "./words.js";

export const data = {
  pagination: { data: "invoices", size: 1, alias: "invoice" },
  permalink: ({ invoice }) => `i/${invoice.token}/index.html`,
  eleventyExcludeFromCollections: true,
};

const hidden = (invoice, left, want) => `<input type="hidden" name="token" value="${invoice.token}">
<input type="hidden" name="shown" value="GBP ${(left / 100).toFixed(2)}">
<input type="hidden" name="want" value="${want}">`;

const bar = (invoice) => !invoice.paid ? "" : `
<div class="bar"><svg aria-hidden="true"><rect width="100%" height="100%" rx="5"/><rect width="${Math.floor(100 * invoice.paid / invoice.total)}%" height="100%" rx="5"/></svg>
<p class="row"><span>${money(invoice.paid)} paid, thank you</span><span class="soft">of ${money(invoice.total)}</span></p></div>`;

const spread = (invoice, left) => `
<details class="way" id="spread"><summary>Need more time? Spread it</summary>
<form method="post" action="${AT}/plan">
${hidden(invoice, left, "choose")}
<ul class="opts">
${[3, 6].map((payments) => `<li><button type="submit" name="plan" value="${payments}-monthly-automatic" class="btn second opt">${payments} payments of ${money(left / payments)} <small>One now, then every month. Taken from your card by itself.</small></button></li>`).join("\n")}
</ul>
<p class="fine">First you see every date and amount. Nothing is charged yet.</p>
</form>
</details>`;

export function render({ invoice, frame }) {
  const left = invoice.total - invoice.paid;
  const late = invoice.due_on < AS_OF;
  return `${invoice.paid ? frame.paid_head : frame.head}
<main id="main" class="wrap">
<div class="col">
<p id="not-paid" class="notice" tabindex="-1"><b>No payment was made.</b> No money has been taken.</p>
<section class="slip" aria-labelledby="stands">
<div class="box">
<div class="row"><p class="what">Invoice ${text(invoice.number)}<span>${text(invoice.subject)}</span></p>
<p class="tag ${late ? "late" : "plain"}"><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7.5"/><path d="M10 10h.01"/></svg>${late ? "Overdue" : "Open"}</p></div>
<h1 id="stands">Left to pay <span class="sum">${money(left)}</span></h1>
<p class="says">${late ? "It was due on" : "Please pay by"} ${day(invoice.due_on)}.</p>${bar(invoice)}
</div>
<div class="box stub no">
<form method="post" action="${AT}/pay">
${hidden(invoice, left, "all")}
<button type="submit" class="btn">Pay ${money(left)} now</button>
</form>
<p class="fine">You pay on Stripe’s secure page. We never see your card.</p>
<details class="way"><summary>Pay a part of it</summary>
<form method="post" action="${AT}/pay">
${hidden(invoice, left, "part")}
<label for="amount">Amount to pay now</label>
<p class="hint" id="hint">Any amount from ${money(30)} to ${money(left - 30)}.</p>
<div class="typed"><span aria-hidden="true">£</span><input type="text" id="amount" name="amount" inputmode="decimal" autocomplete="off" spellcheck="false" maxlength="20" value="" aria-describedby="hint"></div>
<button type="submit" class="btn second">Continue</button>
</form>
</details>${late ? spread(invoice, left) : ""}
<ul class="doors">
<li><a href="${AT}/answer?link=${invoice.token}&amp;door=promise" rel="noreferrer">Pay on a day you name</a></li>
</ul>
</div>
</section>
<p class="fine asof">Balance as of ${day(AS_OF)}, with every payment we knew of then. <span class="no">Anyone who has this page’s address can open it, so keep it to yourself.</span></p>
<section aria-labelledby="ways">
<h2 id="ways">Other ways to pay</h2>
<details class="way"><summary>Pay by bank transfer</summary>
<dl>
<div><dt>Amount</dt><dd>${money(left)}</dd></div>
<div><dt>To</dt><dd>Harbour &amp; Pine Joinery Ltd</dd></div>
<div><dt>Sort code</dt><dd>00-00-00</dd></div>
<div><dt>Account number</dt><dd>00000000</dd></div>
<div><dt>Reference</dt><dd>${text(invoice.number)}</dd></div>
</dl>
<p class="fine">If a message names another account, please ask us before you pay.</p>
</details>
</section>
<section aria-labelledby="terms">
<h2 id="terms">Payment terms</h2>
<p class="asis">Payment is due on the date shown. If you need longer, tell us before then.</p>
</section>
</div>
<div class="col">
<section class="box" aria-labelledby="claim">
<h2 id="claim">Invoice ${text(invoice.number)}</h2>
<dl>
<div><dt>For</dt><dd>${text(invoice.customer)}</dd></div>
<div><dt>Issued</dt><dd>${day(invoice.issued_on)}</dd></div>
<div><dt>Due</dt><dd>${day(invoice.due_on)}</dd></div>
</dl>
<table><caption class="sr">What it is for</caption>
<tbody>
${invoice.lines.map(([what, quantity, amount]) => `<tr><th scope="row">${text(what)} <small>${quantity} ×</small></th><td>${money(amount)}</td></tr>`).join("\n")}
</tbody>
<tbody class="sums">
<tr><th scope="row">Total</th><td>${money(invoice.total)}</td></tr>${!invoice.paid ? "" : `
<tr><th scope="row">Paid</th><td>${money(-invoice.paid)}</td></tr>`}
<tr class="strong"><th scope="row">Left to pay</th><td>${money(left)}</td></tr>
</tbody></table>
</section>
<section class="no" aria-labelledby="other">
<h2 id="other">Something not right?</h2>
<ul class="doors">
<li><a href="${AT}/answer?link=${invoice.token}&amp;door=paid" rel="noreferrer">I have paid already</a></li>
<li><a href="${AT}/answer?link=${invoice.token}&amp;door=problem" rel="noreferrer">Something is not right</a></li>
</ul>
</section>
<section aria-labelledby="help">
<h2 id="help">Need help?</h2>
<p>If the amount looks wrong, or paying is hard right now, please tell us. We would rather hear from you.</p>
<p class="reach"><a href="mailto:hello@example.com?subject=Invoice%20${invoice.number}">hello@example.com</a><a href="tel:01632960142">01632 960 142</a></p>
</section>
<section class="no" aria-labelledby="genuine">
<h2 id="genuine">Is this really from us?</h2>
<dl>
<div><dt>The job</dt><dd>${text(invoice.subject)}</dd></div>
</dl>
<p>If in doubt, call us: on a number you already have for us, or on 01632 960 142.</p>
<p>We never change our bank details by e-mail. If a message says we did, ask us before you pay.</p>
</section>
</div>
</main>
${frame.foot}
`;
}
