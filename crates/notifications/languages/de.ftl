# Was Mails sagen, auf Deutsch. Was hier fehlt, wird englisch gesagt.

## Zahlen und Geld

decimal-point = ,
thousands = .
money = { $sign }{ $amount }{ "\u00A0" }{ $unit }

## Tage

date = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }

## In jeder Mail

order = Bestellung { $number }
dear-customer = liebe Kundin, lieber Kunde
see-order = Bestellung ansehen
sum-subtotal = Zwischensumme
sum-discount = Rabatt
sum-fee = Zuschlag
sum-shipping = Lieferung
sum-tax = Steuer
sum-tax-included = Enthaltene Steuer
sum-total = Gesamt
paid-by-gift-card = Mit Gutschein ····{ $hint }
paid-by-card = Mit Karte
paid-by-hand = Per Überweisung oder bei Lieferung
sum-other = Sonstiges

## Jede Mail: was in der Liste der Mails steht, womit sie beginnt, was sie sagt

order_confirmation-subject = { $shop }: Ihre Bestellung { $number }
order_confirmation-heading = Danke für Ihre Bestellung, { $name }.
deliver-to = Wir liefern an
collected-by = Abgeholt wird sie von

shipped-subject = { $shop }: Bestellung { $number } ist unterwegs
shipped-heading = Ihr Paket ist unterwegs.
shipped-text = Diese Artikel haben unser Haus verlassen:
shipped-carrier = Paketdienst: { $carrier }
shipped-tracking = Nummer des Pakets: { $number }
shipped-follow = Paket verfolgen

ready_for_pickup-subject = { $shop }: Bestellung { $number } liegt bereit
ready_for_pickup-heading = Ihre Bestellung liegt zur Abholung bereit.
ready_for_pickup-text = Diese Artikel warten auf Sie. Bitte bringen Sie die Nummer Ihrer Bestellung mit.

canceled-subject = { $shop }: Bestellung { $number } wurde storniert
canceled-heading = Ihre Bestellung wurde storniert.
canceled-text = Diese Artikel werden nicht geliefert:
partly_canceled-subject = { $shop }: Ein Teil der Bestellung { $number } wurde storniert
partly_canceled-heading = Ein Teil Ihrer Bestellung wurde storniert.
partly_canceled-text = Diese Artikel werden nicht geliefert, alle anderen schon:
canceled-money = Was Sie dafür bezahlt haben, ist auf dem Weg zurück zu Ihnen.
reason-buyer = Sie haben darum gebeten.
reason-out-of-stock = Sie sind ausverkauft. Das tut uns leid.

refunded-subject = { $shop }: Erstattung zur Bestellung { $number }
refunded-heading = Wir haben Ihnen { $amount } erstattet.
refunded-text = Das Geld kommt auf dem Weg, auf dem Sie bezahlt haben. Bis Ihre Bank es zeigt, kann es einige Tage dauern.

return_requested-subject = { $shop }: Ihre Rücksendung zur Bestellung { $number }
return_requested-heading = Sie möchten etwas zurücksenden.
return_requested-text = Ihr Wunsch, diese Artikel zurückzusenden, ist angekommen. Wir antworten bald:
return_approved-subject = { $shop }: Ihre Rücksendung zur Bestellung { $number } ist angenommen
return_approved-heading = Ihre Rücksendung ist angenommen.
return_approved-text = Bitte senden Sie uns diese Artikel:
return_declined-subject = { $shop }: Ihre Rücksendung zur Bestellung { $number }
return_declined-heading = Wir können diese Artikel nicht zurücknehmen.
return_declined-text = Sie wollten zurücksenden:
return_received-subject = { $shop }: Ihre Rücksendung zur Bestellung { $number } ist da
return_received-heading = Ihre Rücksendung ist angekommen.
return_received-text = Wir sehen sie nun durch:

order_changed-subject = { $shop }: Bestellung { $number } wurde geändert
order_changed-heading = Ihre Bestellung wurde geändert.
order_changed-text = Das ist nun darin:
order_changed-more = Sie kostet { $amount } mehr als zuvor.
order_changed-less = Sie kostet { $amount } weniger als zuvor.
order_changed-due = Noch zu zahlen: { $amount }
order_changed-pay = Ansehen, was zu zahlen ist

payment_link-subject = { $shop }: Ihre Bestellung kann bezahlt werden
payment_link-heading = Ihre Bestellung kann bezahlt werden.
payment_link-text = Das haben wir für Sie zusammengestellt. Der Link zeigt, wie es jetzt darum steht. Vor der Zahlung wird nichts versandt und nichts abgebucht.
payment_link-pay = Ansehen und bezahlen

## Was die Dienste sagen, nach ihren englischen Worten

said-subtotal = Zwischensumme
said-total = Gesamt
said-vat = MwSt.
said-standard-shipping = Standardversand
said-express-shipping = Expressversand
said-international-shipping = Internationaler Versand
said-please-transfer-the-amount-and-name-your-order-number = Bitte überweisen Sie den Betrag und nennen Sie Ihre Bestellnummer.
said-please-have-the-amount-ready-when-the-parcel-arrives = Bitte halten Sie den Betrag bereit, wenn das Paket ankommt.

expected_changed-subject = { $shop }: ein anderer Tag für Bestellung { $number }
expected_changed-heading = Etwas aus Ihrer Bestellung kommt an einem anderen Tag.
expected_changed-text = Sie warten auf diese Artikel:
preorder-from = Vorbestellung, Versand ab { $day }
preorder-sometime = Vorbestellung; der Tag ist noch nicht bekannt
backorder-from = Versand ab { $day }
backorder-sometime = Versand, sobald es da ist; der Tag ist noch nicht bekannt
