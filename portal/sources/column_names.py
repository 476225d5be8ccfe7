"""The usual headings of each column, in several languages and programs."""

from __future__ import annotations

NAMES = {
    "number": """invoice number | invoice no | invoice num | invoice nr | invoice # | inv no | inv # | number | num | no
        | nr | document number | doc number | document no | invoice | invoice invoice number | invoice id number
        | rechnungsnummer | rechnungsnr | rechnungs nr | rechnung nr | rechnung | belegnummer | belegnr | nummer
        | numero fattura | n fattura | fattura n | fattura nr | fattura | numero documento | numero
        | numero da fatura | n da fatura | fatura n | fatura | numero de fatura | numero do documento
        | numero de facture | n de facture | facture n | n facture | facture | numero facture
        | numero de factura | n de factura | factura n | factura | numero factura | n factura""",
    "customer": """customer name | customer | customer full name | client name | client | contact name | contact
        | company name | bill to | billed to | invoice partner display name | partner | buyer | buyer name | name
        | kundenname | kunde | kundin | empfanger | rechnungsempfanger | firma | debitor
        | nome cliente | cliente | ragione sociale | intestatario | denominazione
        | nome do cliente | razao social | nome | client nom | nom du client | nom client | raison sociale | nom
        | nombre del cliente | nombre cliente | razon social | nombre""",
    "email": """email | e-mail | email address | e-mail address | customer email | client email | contact email
        | invoice email | billing email | email recipient | primary contact emailid | emailid | mail
        | e-mail adresse | emailadresse | indirizzo email | posta elettronica | endereco de email | correio eletronico
        | adresse e-mail | courriel | correo electronico | correo | email cliente""",
    "business": """customer type | client type | customer is a business | is a business | is business | business
        | business customer | b2b | is company | company | kundentyp | kundenart | geschaftskunde | gewerblich
        | tipo cliente | tipo di cliente | tipo de cliente | type de client | type client""",
    # Not a bare "account": in exports of bookkeeping programs that is an account of the ledger, the same for everybody.
    "customer_number": """customer id | customer number | customer no | customer # | customer code | customer ref
        | customer reference | customer account | customer account number | client id | client number | client no
        | client code | contact id | account reference
        | kundennummer | kundennr | kunden nr | kunden nummer | debitorennummer | debitorennr | debitor nr
        | codice cliente | numero cliente | numero de cliente | codigo do cliente | codigo de cliente
        | numero client | n client | code client""",
    "issued_on": """invoice date | issue date | date issued | issued on | issued | issued at | invoiced at
        | document date | date of invoice | invoice/bill date | transaction date | created | date
        | rechnungsdatum | belegdatum | ausstellungsdatum | datum
        | data fattura | data documento | data emissione | data di emissione | data
        | data da fatura | data de emissao | data do documento | data emissao
        | date de facture | date de facturation | date facture | date d'emission
        | fecha de factura | fecha factura | fecha de emision | fecha emision | fecha""",
    "due_on": """due date | invoice due date | date due | due on | due at | due | payment due | payment due date
        | falligkeit | fallig am | falligkeitsdatum | fallig | zahlbar bis | zahlungsziel
        | scadenza | data scadenza | data di scadenza
        | vencimento | data de vencimento | data vencimento
        | echeance | date d'echeance | date echeance
        | vencimiento | fecha de vencimiento | fecha vencimiento""",
    "due_days": """payment term days | payment days | days to pay | terms old | terms days | zahlungsziel in tagen
        | zahlungsziel tage | giorni di pagamento | dias de pagamento | delai de paiement jours""",
    "deposit": """partial/deposit | partial deposit | invoice partial/deposit | deposit due | anzahlung | acconto
        | sinal | acompte""",
    "deposit_due_on": """partial due date | invoice partial due date | deposit due date | anzahlung fallig am
        | scadenza acconto""",
    "currency": """currency | currency code | invoice currency | client currency | customer currency
        | wahrung | wahrungscode | valuta | divisa | moeda | codigo da moeda | devise | monnaie | moneda""",
    "total": """invoice total | total amount | invoice amount | grand total | total | total incl tax | total inc tax
        | total including tax | gross total | gross amount | total in currency | total in currency signed | total signed
        | amount total | gross
        | bruttobetrag | gesamtbetrag | rechnungsbetrag | gesamt | brutto | summe brutto | endbetrag
        | importo totale | totale fattura | totale documento | totale
        | valor total | total da fatura | montante total
        | montant ttc | total ttc | montant total | importe total | total factura
        | amount | betrag | importo | valor | montante | montant | importe | summe""",
    "paid": """amount paid | paid to date | invoice paid to date | invoice amount paid | total paid | paid amount
        | amount paid amount | paid | payments | received
        | geldeingang | bezahlt | gezahlt | bezahlter betrag | zahlungen | zahlungseingang
        | pagato | importo pagato | incassato | pago | valor pago | recebido | montant paye | paye | regle
        | pagado | importe pagado | cobrado""",
    "balance": """balance due | amount due | open balance | invoice balance | invoice amount due | balance due amount
        | amount due signed | outstanding | amount outstanding | open amount | amount open | amount remaining | balance
        | remaining | residual | open
        | offen | offener betrag | restbetrag | offener posten | rest | saldo offen | saldo
        | importo dovuto | importo residuo | residuo | da pagare | da saldare
        | em aberto | valor em aberto | em falta | montante em divida | por pagar
        | reste a payer | restant du | solde | solde du | montant du
        | saldo pendiente | pendiente | importe pendiente""",
    "status": """status | invoice status | payment status | state | stato | estado | statut | etat | rechnungsstatus
        | zahlungsstatus""",
    "type": """type | transaction type | document type | invoice type | belegart | art | typ | tipo
        | tipo documento | tipo di documento | tipo de documento | type de document""",
    "reference": """payment reference | zahlungsreferenz | verwendungszweck | causale""",
    "yours": """your reference | your ref | customer po | customer po number
        | ihre referenz | ihr zeichen | kundenreferenz | vostro riferimento | sua referencia | votre reference
        | su referencia""",
    "subject": """subject | project | project name | betreff | projekt | oggetto | assunto | objet | asunto
        | reference | referenz | riferimento | referencia | invoice po number | purchaseorder""",
    "terms": """terms | payment terms label | invoice terms | zahlungsbedingungen | condizioni di pagamento
        | condicoes de pagamento | conditions de paiement | condiciones de pago""",
    "item": """item name | item product | item | product | product/service | artikel | position | articolo | prodotto
        | produto | article | produit | articulo | producto""",
    "description": """item description | item desc | item notes | line description | description | details of work
        | beschreibung | bezeichnung | leistung | descrizione | descricao | designation | descripcion | concepto""",
    "quantity": """quantity | qty | item quantity | menge | anzahl | quantita | quantidade | quantite | cantidad""",
    "unit_price": """item cost | item price | unit price | unit cost | unit amount | price | einzelpreis
        | prezzo unitario | preco unitario | prix unitaire | precio unitario""",
    "line_amount": """line amount | line total | item total | item amount | line net amount | positionsbetrag
        | zeilenbetrag | importo riga | totale riga | total da linha | total ligne | montant ligne | total linea
        | importe linea""",
}

"""For each field the headings it goes by; where several are there, the first of them is the field's column."""

WEAK_TOTALS = "amount | betrag | importo | valor | montante | montant | importe | summe"
"""Headings that can be those of a total, or of a line's amount."""
FIELDS = tuple(NAMES)
"""What a column can be."""
DATE_FIELDS = ("issued_on", "due_on", "deposit_due_on")
AMOUNT_FIELDS = ("total", "paid", "balance", "line_amount", "deposit")
NUMBER_FIELDS = ("quantity", "unit_price")
ITEM_FIELDS = ("item", "description", "line_amount")
CLAIM_FIELDS = (
    "customer",
    "customer_number",
    "issued_on",
    "due_on",
    "currency",
    "total",
    "paid",
    "balance",
    "status",
    "type",
)
"""What is the same on every row of one invoice."""
