// The receipt of benchmarks/hugo/layouts/receipt.html.
import { AS_OF, AT, day, money, text } from "./words.js";

export const data = {
  pagination: { data: "invoices", size: 1, alias: "invoice", before: (invoices) => invoices.filter((one) => one.paid) },
  permalink: ({ invoice }) => `i/${invoice.token}/receipt/index.html`,
  eleventyExcludeFromCollections: true,
};

export function render({ invoice, frame }) {
  return `${frame.receipt_head}
<main id="main" class="wrap one">
<section class="slip" aria-labelledby="says">
<div class="box">
<p class="what">Invoice ${text(invoice.number)}<span>${text(invoice.subject)}</span></p>
<h1 id="says">Receipt <span class="sum">${money(invoice.paid)}</span></h1>
<p class="says">${money(invoice.paid)} of ${money(invoice.total)} is paid.</p>
<p class="says">${money(invoice.total - invoice.paid)} is left to pay.</p>
</div>
<div class="box stub">
<dl>
<div><dt>From</dt><dd>Harbour &amp; Pine Joinery Ltd</dd></div>
<div><dt>For</dt><dd>${text(invoice.customer)}</dd></div>
<div><dt>Issued</dt><dd>${day(invoice.issued_on)}</dd></div>
<div><dt>Total</dt><dd>${money(invoice.total)}</dd></div>
</dl>
<table><caption class="sr">Payments received</caption><tbody>
<tr><th scope="row">Payment</th><td>${money(invoice.paid)}</td></tr>
<tr class="strong"><th scope="row">Paid in total</th><td>${money(invoice.paid)}</td></tr>
</tbody></table>
<p class="no"><a class="reachable" href="${AT}/i/${invoice.token}/">Back to your invoice</a></p>
</div>
</section>
<p class="fine asof">Balance as of ${day(AS_OF)}, with every payment we knew of then.</p>
<section aria-labelledby="help">
<h2 id="help">Something not right?</h2>
<p>If anything on this page looks wrong, please tell us and we will put it right.</p>
<p class="reach"><a href="mailto:hello@example.com">hello@example.com</a><a href="tel:01632960142">01632 960 142</a></p>
</section>
</main>
${frame.receipt_foot}
`;
}
