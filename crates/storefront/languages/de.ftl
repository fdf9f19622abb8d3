# Was die Seiten des Ladens sagen, auf Deutsch.

language-name = Deutsch

## Zahlen, Beträge, Tage

decimal-point = ,
thousands = .
money = { $sign }{ $amount }{ "\u00A0" }{ $unit }
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
moment = { $date }, { $time } UTC

## Um jede Seite

skip-to-content = Zum Inhalt
search-label = Im Laden suchen
search-placeholder = Suchen
search-button = Suchen
cart = Warenkorb
cart-count = { $count } Artikel
departments = Abteilungen
home = Start
all-products = Alle Produkte
new-in = Neu
breadcrumb = Sie sind hier
footer = Fußzeile
language = Sprache
currency = Währung

## Produkte

price-from = ab
price-now = Jetzt
price-before = , vorher
group-code = Ihre Preise
price-by-pieces = Preis nach Stückzahl
price-from-pieces = ab { $pieces }: je { $price }
lowest-before = Niedrigster Preis der { $days } Tage davor: { $price }
sale = Reduziert
sold-out = Ausverkauft
sold-out-variant = Ausverkauft in { $variant }
sold-out-option = (ausverkauft)
changes-options = (ändert andere Optionen)
in-stock = Vorrätig
in-stock-ships = Vorrätig, sofort versandbereit
backorder = Auf Bestellung lieferbar
backorder-from = Nachbestellt, Versand ab { $day }
preorder = Vorbestellung
preorder-from = Vorbestellung, Versand ab { $day }
pre-order-now = Jetzt vorbestellen
awaited-some = { $quantity } von { $count }: { $text }
not-sold = Nicht in { $currency } erhältlich
pictures = Bilder
picture-of = Bild { $number } von { $count }
quantity = Menge
sold-by = Nur in Vielfachen von { $step }.
pickup = Abholen
pickup-there = { $hours ->
    [one] Vorrätig, in einer Stunde bereit
   *[other] Vorrätig, in { $hours } Stunden bereit
}
pickup-not-there = Zurzeit nicht da
size-chart = Größentabelle
unit-piece = Stück
take-gift = Kostenlos hinzufügen
add-to-cart = In den Warenkorb
added-to-cart = Liegt im Warenkorb.
not-added = Das hat nicht geklappt.
view-cart = Zum Warenkorb
description = Beschreibung
details = Einzelheiten
article-number = Artikelnummer
weight = Gewicht
yes = Ja
no = Nein
related = Das könnte Ihnen auch gefallen
close = Schließen
compare = Vergleichen
compare-title = Produkte vergleichen
compare-one = Öffnen Sie ein weiteres Produkt und wählen Sie „Vergleichen“, um beide nebeneinander zu sehen.
compare-empty = Noch nichts zu vergleichen
compare-empty-text = Öffnen Sie ein Produkt und wählen Sie „Vergleichen“. Was Sie vergleichen, bleibt in Ihrem Browser.
price = Preis
stock = Verfügbarkeit
nothing-said = keine Angabe
recently-viewed = Zuletzt angesehen

## Die Startseite

tagline = Gut gemacht, fair im Preis und schnell bei Ihnen.
shop-everything = Alles ansehen
view-all = Alle ansehen
shelves-empty = Die Regale sind noch leer
shelves-empty-text = Sobald es Produkte gibt, stehen sie hier.

## Listen und Suche

search-title = Suche
results-for = Ergebnisse für „{ $query }“
corrected = Für „{ $query }“ gab es nichts; dies sind die Ergebnisse für „{ $corrected }“.
filters = Filter
close-filters = Filter schließen
apply-filters = Filter anwenden
active-filters = Aktive Filter
remove-filter = Entfernen:
clear-all = Alle entfernen
category = Kategorie
more = Mehr
price-in = Preis in { $currency }
lowest-price = Niedrigster Preis
highest-price = Höchster Preis
from = Von
to = Bis
products-found = { $count ->
    [one] { $count } Produkt
   *[other] { $count } Produkte
}
sort-by = Sortieren nach
sort = Sortieren
sort-recommended = Empfehlung
sort-relevance = Bester Treffer
sort-newest = Neueste
sort-price-asc = Preis: aufsteigend
sort-price-desc = Preis: absteigend
sort-title = Name
chip = { $label }: { $value }
chip-category = In: { $category }
chip-price-min = Ab { $price }
chip-price-max = Bis { $price }
pages = Seiten
first-page = Erste Seite
next-page = Nächste Seite
nothing-found = Nichts gefunden
nothing-with-filters = Kein Produkt hat alle diese Eigenschaften. Entfernen Sie einen Filter, um mehr zu sehen.
nothing-for-query = Versuchen Sie ein kürzeres oder allgemeineres Wort, oder sehen Sie sich um:
nothing-yet = Hier gibt es noch nichts.

## Der Warenkorb

update-cart = Warenkorb aktualisieren
update-quantities = Mengen aktualisieren
quantity-of = Menge von { $title }
remove = Entfernen
remove-code = Code { $code } entfernen
summary = Übersicht
discount = Rabatt { $amount }
tax-included-note = Preise enthalten die Mehrwertsteuer.
delivery-note = Den Versand berechnen wir nach Ihrer Adresse.
to-checkout = Zur Kasse
change-marked = Bitte ändern Sie zuerst, was markiert ist.
discount-code = Rabattcode
add = Einlösen
cart-empty = Ihr Warenkorb ist leer
cart-empty-text = Noch ist nichts darin. Sehen Sie sich um.
cart-other-currency = Ihr Warenkorb ist in { $currency }.
cart-to-currency = In { $currency } zeigen
no-longer-sold = Nicht mehr im Angebot
please-remove = Bitte entfernen Sie diesen Artikel.
item-not-sold = Dieser Artikel ist nicht mehr im Angebot.
wrong-quantity = Die Menge { $problem }
wrong-code = Der Code { $problem }
wrong-message = Die Grußbotschaft { $problem }
wrong-wrap = Diese Geschenkverpackung gibt es nicht.
gift-wrap = Geschenkverpackung
gift-wrap-none = Keine Geschenkverpackung
gift-wrap-each = { $wrap }, je { $amount }
gift-wrap-message = Grußbotschaft
gift-wrap-save = Übernehmen

## Summen

sum-subtotal = Zwischensumme
sum-discount = Rabatt
sum-fee = Zuschlag
sum-shipping = Versand
sum-tax = Steuer
sum-tax-included = Darin Steuer
sum-total = Gesamt
sum-other = Sonstiges

## Kasse

checkout = Kasse
check-details = Bitte prüfen Sie Ihre Angaben
update = Aktualisieren
please-note = Bitte beachten
seen-and-agree = Das habe ich gesehen und bin einverstanden
change-cart = Warenkorb ändern
contact = Kontakt
email = E-Mail
delivery-address = Lieferadresse
your-address = Ihre Adresse
delivery = Versand
address-first = Tragen Sie Ihre Adresse ein, dann zeigen wir, wie wir liefern können.
update-delivery = Versand und Summe aktualisieren
invoice = Rechnung
billing-differs = Die Rechnung geht an eine andere Adresse
payment = Zahlung
pay-amount = { $amount } zahlungspflichtig bestellen
binding = Mit der Zahlung bestellen Sie verbindlich.
order-summary = Bestellübersicht
your-order = Ihre Bestellung
free = Kostenlos
ready-within = { $days ->
    [one] Innerhalb eines Werktags bereit
   *[other] Innerhalb von { $days } Werktagen bereit
}
working-days = { $days ->
    [one] { $days } Werktag
   *[other] { $days } Werktage
}
working-days-range = { $least }–{ $most } Werktage
optional = (freiwillig)
choose = Bitte wählen
field-name = Vor- und Nachname
field-company = Firma
field-tax-number = USt-IdNr. (Unternehmen)
field-line1 = Straße und Hausnummer
field-line2 = Wohnung, Stockwerk, …
field-postal-code = Postleitzahl
field-city = Ort
field-region = Bundesland oder Region
field-country = Land
field-phone = Telefon, für den Zusteller
mistake = { $label }: { $problem }
no-payment = Im Moment kann nicht bezahlt werden. Bitte kommen Sie später wieder.
choose-payment = Bitte wählen Sie, wie Sie zahlen möchten.
card-field = Karte
card-needs-script = Für die Zahlung mit Karte muss Ihr Browser JavaScript ausführen: Die Karte geht direkt an den Zahlungsanbieter. Bitte erlauben Sie es, oder zahlen Sie auf anderem Weg.
card-is-not-ours = Ihre Karte geht direkt an den Zahlungsanbieter. Dieser Shop sieht ihre Nummer nie.
card-incomplete = Bitte geben Sie Ihre Karte ein, oder zahlen Sie auf anderem Weg.
remember-card = Diese Karte auf diesem Gerät merken
saved-here = Auf diesem Gerät gemerkt
saved-is-expired = Diese Karte ist abgelaufen.
saved-expired = Diese Karte ist abgelaufen. Bitte zahlen Sie auf anderem Weg.
saved-gone = Diese Karte ist nicht mehr gemerkt. Bitte zahlen Sie auf anderem Weg.
remove-saved = { $card } entfernen
wallet = Gemerkte Karten
wallet-empty = Auf diesem Gerät ist keine Karte gemerkt.
wallet-about = Die Karten bewahrt der Zahlungsanbieter auf; dieser Shop kennt ihre Marke, ihre letzten vier Ziffern und bis wann sie gelten. Gemerkt sind sie nur für diesen Browser.
wallet-add = Karte hinzufügen
wallet-save = Diese Karte merken
wallet-saved = Die Karte ist gemerkt.
wallet-removed = Die Karte ist entfernt.
wallet-full = Mehr Karten passen nicht hinein. Bitte entfernen Sie erst eine.
wallet-too-many = Hier wurden zu viele Karten versucht. Bitte versuchen Sie es später noch einmal.
wallet-failed = Die Karte konnte nicht gemerkt werden. Bitte nehmen Sie eine andere.
wallet-runs = Die Karte ist noch nicht gemerkt. Bitte sehen Sie gleich noch einmal nach.
bank-confirms-card = Ihre Bank möchte, dass Sie diese Karte bestätigen.
test-bank-save = Darf { $shop } Ihre Karte merken?
card-decided-already = Das ist schon entschieden.
gift-card-code = Code des Gutscheins
gift-card-code-missing = Bitte geben Sie den Code Ihres Gutscheins ein, oder zahlen Sie auf anderem Weg.
gift-cards = Gutscheine
gift-card-ending = Gutschein ····{ $hint }
gift-card-apply = Gutschein einlösen
gift-card-code-wrong = Das ist nicht der Code eines Gutscheins: Er hat 12 bis 40 Buchstaben und Ziffern.
gift-card-twice = Dieser Gutschein ist schon eingelöst.
gift-card-not-needed = Die anderen Gutscheine zahlen schon alles.
gift-cards-too-many = Für eine Bestellung können nicht noch mehr Gutscheine eingelöst werden.
gift-card-not-here = Gutscheine können im Moment nicht eingelöst werden. Bitte zahlen Sie auf anderem Weg.
gift-card-look-again = Ihr Gutschein ist eingelöst. Bitte prüfen Sie, was noch zu zahlen ist.
pay-due = Noch zu zahlen: { $amount }
due-changed = Der offene Betrag hat sich geändert. Bitte sehen Sie noch einmal nach, bevor Sie zahlen.
left-to-pay = Noch zu zahlen
pay-by-gift-card = Kaufen und mit Gutschein bezahlen
paid-by = Bezahlt mit
paid-by-card = Karte
paid-by-hand = Überweisung oder bei Lieferung
payment-still-awaited = { $means }, noch offen
card-away = Der Zahlungsanbieter ist nicht erreichbar. Bitte versuchen Sie es noch einmal, oder zahlen Sie auf anderem Weg.
card-action-text = Ihre Bank möchte, dass Sie diese Zahlung bestätigen. Sie öffnet dafür ein Fenster auf dieser Seite.
page-out-of-date = Diese Seite war veraltet. Bitte prüfen Sie sie und zahlen Sie erneut.
draft-intro = Diese Bestellung haben wir für Sie zusammengestellt. Bitte sehen Sie sie durch und bezahlen Sie unten.
draft-changed = Wir haben diese Bestellung geändert, seit Sie sie zuletzt gesehen haben. Bitte sehen Sie sie noch einmal an, bevor Sie zahlen.
draft-placed-title = Diese Bestellung ist aufgegeben
draft-placed-text = Sie ist die Bestellung { $number }. Über diesen Link kann nichts mehr bezahlt werden.
draft-dropped-title = Diese Bestellung wurde zurückgezogen
draft-dropped-text = Über diesen Link kann nichts mehr bezahlt werden. Bitte fragen Sie uns, wenn Sie diese Artikel noch möchten.
draft-expired-title = Dieser Link ist abgelaufen
draft-expired-text = Über ihn kann nichts mehr bezahlt werden. Bitte fragen Sie uns nach einem neuen, wenn Sie diese Artikel noch möchten.
just-sold = Einige Artikel sind gerade verkauft worden. Bitte ändern Sie Ihren Warenkorb.
something-changed = Etwas hat sich geändert. Bitte lesen Sie die Hinweise unten, bevor Sie zahlen.
total-now-includes = Die Summe enthält jetzt Versand und Steuer an Ihre Adresse. Bitte prüfen Sie sie, bevor Sie zahlen.
too-many-declines = Von hier aus wurden zu viele Zahlungen abgelehnt. Bitte versuchen Sie es später noch einmal.
purchase-refused = Diesen Kauf können wir so nicht annehmen. Bitte wenden Sie sich an uns.
payment-failed = Die Zahlung ist fehlgeschlagen. Bitte versuchen Sie es anders.
one-more-step = Noch ein Schritt
bank-confirms = Ihre Bank möchte, dass Sie diese Zahlung über { $amount } bestätigen.
to-bank = Zu Ihrer Bank
pay-another-way = Oder anders zahlen
payment-runs = Ihre Zahlung wird ausgeführt
payment-runs-text = Das dauert einen Moment. Die Seite geht von selbst weiter; bitte zahlen Sie nicht noch einmal.
look-again = Noch einmal nachsehen

## Die Testkarte und ihre Bank

test-card-does = Was die Testkarte tut
test-card-ok = Wird angenommen
test-card-declined = Wird abgelehnt
test-card-needs-action = Verlangt eine Bestätigung bei der Bank
test-card-slow = Wird langsam angenommen
test-card-timeout = Antwortet nie
test-card-capture-fails = Wird angenommen, beim zweiten Versuch eingezogen
test-card-away = Ist nicht zu erreichen
test-card-vanishes = Hält das Geld und ist dann nicht zu erreichen
test-card-declined-later = Wird einmal angenommen, danach abgelehnt
test-bank = Testbank
test-bank-text = Diese Seite steht für die Bank des Käufers, solange der Laden ausprobiert wird. Es fließt kein Geld.
test-bank-pay = { $amount } an { $shop } zahlen?
approve = Bestätigen
decline = Ablehnen
decided-already = Über diese Zahlung ist schon entschieden.
back-to-shop = Zurück zum Laden

## Bestellungen

order-title = Bestellung { $number }
order = Bestellung
thank-you = Vielen Dank für Ihre Bestellung
thank-you-text = Eine Bestätigung ist an { $email } unterwegs. Diese Seite zeigt, wie es weitergeht; bewahren Sie den Link auf.
placed-on = Bestellt am { $date }
how-to-pay = So zahlen Sie
what-you-ordered = Was Sie bestellt haben
collected-by = Abgeholt von
delivery-to = Lieferung an
invoice-to = Rechnung an
what-happened = Was geschah
sum = Summe
order-in-progress = In Bearbeitung
order-completed = Abgeschlossen
order-canceled = Storniert
payment-captured = Bezahlt
payment-authorised = Autorisiert
payment-refunded = Erstattet
payment-awaited = Zahlung steht aus
fulfilment-sent = Versandt
fulfilment-partly = Teilweise versandt
fulfilment-not-needed = Nichts zu versenden
fulfilment-prepared = In Vorbereitung
payment-voided = Nichts zu bezahlen
parcels = Pakete
parcel-follow = Paket verfolgen
comes-in-parcels = Ihre Bestellung kommt in { $count } Paketen.
parcel-of = Paket { $number } von { $count }
arrives-on = Kommt am { $day } an
arrives-between = Kommt zwischen dem { $first } und dem { $last } an
to-be-sent = Noch zu versenden
your-files = Ihre Dateien
units = { $count ->
    [one] { $count } Artikel
   *[other] { $count } Artikel
}
refunds = Erstattungen
refund-open = ist auf dem Weg zu Ihnen
refund-done = erstattet
refund-refused = konnte noch nicht erstattet werden; wir kümmern uns darum
money-paid = Bezahlt
money-refunding = Auf dem Weg zurück
money-refunded = Erstattet
money-store-credit = Gutgeschrieben
money-due = Noch zu zahlen
returns = Rücksendungen
return-requested = angefragt; wir antworten bald
return-approved = angenommen; bitte senden Sie uns die Ware
return-declined = abgelehnt
return-canceled = storniert
return-received = ist angekommen und wird geprüft
return-settled = erledigt
invoice-file = Rechnung (PDF)
return-form = Etwas zurücksenden
return-form-text = Wählen Sie, was Sie zurücksenden möchten
return-reason = Warum
return-resolution = Was Sie stattdessen möchten
return-comment = Was wir noch wissen sollten
return-send = Rücksendung anfragen
return-asked = Ihre Rücksendung ist angefragt. Wir antworten bald; diese Seite zeigt, wie es weitergeht.
return-choose = Bitte wählen Sie mindestens einen Artikel, den Sie zurücksenden möchten.
return-too-many = So viele können Sie nicht zurücksenden. Bitte sehen Sie nach, was sich noch wählen lässt.
return-too-late = Die Frist für Rücksendungen dieser Bestellung ist vorbei. Bitte schreiben Sie uns.
return-check = Bitte prüfen Sie, was Sie gewählt und geschrieben haben.
reason-changed-mind = Ich habe es mir anders überlegt
reason-damaged = Es ist beschädigt
reason-wrong-item = Es ist nicht das, was ich bestellt habe
reason-not-as-described = Es ist nicht wie beschrieben
reason-late = Es kam zu spät
reason-other = Ein anderer Grund
resolution-refund = Mein Geld zurück
resolution-exchange = Einen Umtausch
resolution-store-credit = Ein Guthaben in diesem Shop

## Wenn etwas nicht stimmt

to-home = Zur Startseite
not-found-title = Seite nicht gefunden
not-found-text = Unter dieser Adresse gibt es nichts. Vielleicht ist die Seite umgezogen, oder der Link enthält einen Tippfehler.
gone-title = Nicht mehr erhältlich
gone-text = Dieses Produkt gehört nicht mehr zum Sortiment. Vielleicht passt etwas anderes.
wrong-method-title = Das geht hier nicht
wrong-method-text = Diese Seite kann so nicht aufgerufen werden.
foreign-title = Von woanders gesendet
foreign-text = Dieses Formular kam von einer anderen Website. Öffnen Sie den Laden hier und versuchen Sie es erneut.
too-large-title = Zu viel auf einmal
too-large-text = Was gesendet wurde, ist größer, als wir annehmen können.
too-slow-title = Das hat zu lange gedauert
too-slow-text = Das Formular kam nicht rechtzeitig an. Bitte senden Sie es noch einmal.
too-many-title = Einen Moment bitte
too-many-text = Von Ihnen kamen sehr viele Anfragen. Warten Sie ein wenig und versuchen Sie es erneut.
away-title = Gleich wieder da
away-text = Ein Teil des Ladens antwortet gerade nicht. Bitte versuchen Sie es in Kürze erneut.
buying-pauses-title = Einkaufen macht kurz Pause
buying-pauses-text = Warenkörbe und Kasse antworten gerade nicht; ansehen können Sie alles. Was im Warenkorb liegt, bleibt darin. Bitte versuchen Sie es in Kürze erneut.
bad-request-title = Das haben wir nicht verstanden
bad-request-text = Etwas an dieser Adresse oder in diesem Formular ist nicht so, wie wir es erwarten.
failed-title = Etwas ist schiefgegangen
failed-text = Der Fehler liegt bei uns und ist vermerkt. Bitte versuchen Sie es erneut.

## Was die Dienste sagen, nach ihren englischen Worten: „Total“ ist said-total

said-subtotal = Zwischensumme
said-total = Gesamt
said-standard-shipping = Standardversand
said-express-shipping = Expressversand
said-this-item-is-sold-out = Dieser Artikel ist ausverkauft.
said-this-article-is-not-available-any-more = Dieser Artikel ist nicht mehr erhältlich.
said-the-chosen-way-of-shipping-is-not-available-choose-another = Die gewählte Versandart gibt es nicht mehr; bitte wählen Sie eine andere.
said-the-total-has-changed-since-you-last-saw-it = Die Summe hat sich geändert, seit Sie sie zuletzt gesehen haben.
said-your-cart-has-changed-since-you-last-saw-it = Ihr Warenkorb hat sich geändert, seit Sie ihn zuletzt gesehen haben.
said-must-not-be-empty = darf nicht leer sein
said-must-have-at-most-120-characters = darf höchstens 120 Zeichen haben
said-must-be-from-1-to-9999 = muss von 1 bis 9999 sein
said-must-be-from-0-to-9999 = muss von 0 bis 9999 sein
said-must-have-1-to-64-printable-characters = muss 1 bis 64 druckbare Zeichen haben
said-must-not-hold-control-characters = darf keine Steuerzeichen enthalten
said-the-payment-was-cancelled = Die Zahlung wurde abgebrochen.
said-the-card-was-declined-please-use-another-one = Die Karte wurde abgelehnt. Bitte nehmen Sie eine andere.
said-the-payment-was-given-up-before-it-was-confirmed = Die Zahlung wurde abgebrochen, bevor sie bestätigt war.
said-the-payment-was-not-confirmed-in-time-nothing-was-charged-please-pay-again = Die Zahlung wurde nicht rechtzeitig bestätigt. Es wurde nichts abgebucht; bitte zahlen Sie erneut.
said-the-payment-was-interrupted-before-it-was-made-nothing-was-charged-please-pay-again = Die Zahlung wurde vorher unterbrochen. Es wurde nichts abgebucht; bitte zahlen Sie erneut.
said-the-payment-provider-cannot-be-reached-nothing-was-taken-please-pay-in-another-way = Der Zahlungsanbieter ist nicht zu erreichen. Es wurde nichts abgebucht; bitte zahlen Sie auf einem anderen Weg.
said-the-payment-provider-did-not-answer-nothing-was-taken-and-if-it-holds-anything-it-is-let-go-please-pay-in-another-way = Der Zahlungsanbieter hat nicht geantwortet. Es wurde nichts abgebucht, und falls er etwas zurückhält, wird es freigegeben; bitte zahlen Sie auf einem anderen Weg.
said-vat = MwSt.
said-please-transfer-the-amount-and-name-your-order-number = Bitte überweisen Sie den Betrag und nennen Sie Ihre Bestellnummer.
said-test-card = Testkarte
said-a-pretended-card-nobody-is-charged = Eine vorgetäuschte Karte. Niemand wird belastet.
said-card = Karte
said-credit-or-debit-card = Kredit- oder Debitkarte.
said-you-go-on-to-paypal-and-come-back = Sie gehen zu PayPal weiter und kommen zurück.
said-gift-card = Gutschein
said-with-the-code-of-a-gift-card-or-of-a-store-credit = Mit dem Code eines Gutscheins oder Guthabens.
said-bank-transfer = Überweisung
said-cash-on-delivery = Nachnahme
said-pay-when-the-parcel-arrives = Zahlen Sie, wenn das Paket ankommt.
said-please-have-the-amount-ready-when-the-parcel-arrives = Bitte halten Sie den Betrag bereit, wenn das Paket ankommt.
said-international-shipping = Internationaler Versand
said-must-be-an-e-mail-address-such-as-ann-example-com = muss eine E-Mail-Adresse sein, etwa ann@example.com
said-this-code-does-not-exist = Diesen Code gibt es nicht
said-this-code-is-not-valid-yet = Dieser Code gilt noch nicht
said-this-code-has-expired = Dieser Code ist abgelaufen
said-this-code-has-been-used-up = Dieser Code ist aufgebraucht
said-this-code-does-not-apply-to-this-currency = Dieser Code gilt nicht für diese Währung
said-this-code-would-take-nothing-off = Dieser Code brächte hier keinen Rabatt
said-this-code-is-applied-already = Dieser Code ist schon eingelöst

## Dasselbe nach dem Kennwort der Auskunft, wo die Worte Zahlen oder Namen enthalten

code-quantity-not-offered = In dieser Menge wird das nicht verkauft.
code-wrap-not-offered = Diese Geschenkverpackung gibt es für den Artikel oder seine Menge nicht. Wählen Sie eine andere oder keine.
code-wrap-message-too-long = Die Grußbotschaft ist zu lang.
code-insufficient-funds = Auf der Karte ist nicht genug Geld, oder ihr Rahmen ist erreicht. Bitte nehmen Sie eine andere.
code-card-expired = Die Karte ist abgelaufen. Bitte nehmen Sie eine andere.
code-cvc-wrong = Die Prüfziffer der Karte stimmt nicht.
code-card-number-wrong = Die Nummer der Karte stimmt nicht.
code-card-date-wrong = Das Datum, bis zu dem die Karte gilt, stimmt nicht.
code-card-not-supported = Die Karte kann hierfür nicht benutzt werden. Bitte nehmen Sie eine andere.
code-not-authenticated = Die Bank konnte nicht bestätigen, dass Sie es sind. Es wurde nichts abgebucht; bitte versuchen Sie es noch einmal oder zahlen Sie auf anderem Weg.
code-try-again = Die Bank war nicht erreichbar. Es wurde nichts abgebucht; bitte versuchen Sie es gleich noch einmal.
code-card-not-confirmed = Die Karte wurde nicht rechtzeitig bestätigt. Sie ist nicht gemerkt.
code-not-taken = Mit Karte kann das im Moment nicht bezahlt werden. Es wurde nichts abgebucht; bitte zahlen Sie auf anderem Weg.
code-declined = Die Zahlung wurde nicht angenommen. Bitte zahlen Sie auf anderem Weg.
code-amount-not-payable = Dieser Betrag kann so nicht bezahlt werden. Bitte zahlen Sie auf anderem Weg.
code-provider-refused = So kann im Moment nicht bezahlt werden. Es wurde nichts abgebucht; bitte zahlen Sie auf anderem Weg.
code-gift-card-unknown = Einen Gutschein mit diesem Code gibt es nicht.
code-gift-card-other-currency = Dieser Gutschein hat eine andere Währung.
code-gift-card-expired = Dieser Gutschein ist abgelaufen.
code-gift-card-too-small = Auf diesem Gutschein ist weniger, als zu zahlen ist.
code-reverse-charge = Steuerschuldnerschaft des Leistungsempfängers.
code-exempt = Steuerfrei.
code-tax-number-unknown = Diese Umsatzsteuer-Identifikationsnummer hat nicht die Form eines Mitgliedstaats.
code-tax-number-without-effect = Auf diesen Verkauf fällt dennoch Steuer an.
code-out-of-stock = So viele sind nicht mehr da.
code-price-changed = Der Preis eines Artikels hat sich geändert.
code-date-changed = Ein Artikel wird später versandt, als Sie zuletzt gesehen haben.
code-downloads-used-up = Diese Datei wurde so oft heruntergeladen, wie sie darf.
code-download-not-ready = Die Bestellung ist noch nicht bezahlt, oder sie wird geprüft.
code-expected-changed = Für einen Artikel wird ein anderer Tag erwartet.
code-market-currency = Lieferungen in dieses Land werden in einer anderen Währung bezahlt.
code-not-sold-in-currency = Dieser Artikel ist in dieser Währung nicht erhältlich.
code-not-shipped-there = In dieses Land können wir diese Artikel nicht liefern.
code-minimum-not-reached = Dieser Code gilt erst ab einer höheren Zwischensumme
code-quantity-too-large = Das sind mehr, als in eine Zeile passen.
code-cart-full = In diesen Warenkorb passt nichts mehr.
code-placed = Die Bestellung ist eingegangen.
code-payment-captured = Die Zahlung ist eingegangen.
code-canceled = Die Bestellung wurde storniert.
code-units-canceled = Ein Teil der Bestellung wurde storniert.
code-fulfilled = Ein Paket ist unterwegs.
code-ready-for-pickup = Die Bestellung liegt zur Abholung bereit.
code-refunded = Eine Erstattung wurde ausgezahlt.
code-payment-voided = Auf die Zahlung wird nicht mehr gewartet.
code-return-requested = Eine Rücksendung wurde angefragt.
code-return-approved = Die Rücksendung wurde angenommen.
code-return-declined = Die Rücksendung wurde abgelehnt.
code-return-canceled = Die Rücksendung wurde storniert.
code-return-received = Eine Rücksendung ist angekommen.
code-return-inspected = Die zurückgesandte Ware wurde geprüft.
code-return-settled = Die Rücksendung ist erledigt.
code-person-forgotten = Was über die Käuferin oder den Käufer gespeichert war, wurde gelöscht.
code-invoice-issued = Die Rechnung wurde ausgestellt.
code-credit-note-issued = Eine Rechnungskorrektur wurde ausgestellt.
