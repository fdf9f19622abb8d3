# What the shop's pages say, in English. A language lacks nothing if it has these messages; what it lacks is said in
# English. The syntax is Fluent's: https://projectfluent.org/fluent/guide/

language-name = English

## Numbers, money and dates

decimal-point = .
thousands = ,
# $space is empty, or a space for a currency without a sign of its own.
money = { $sign }{ $unit }{ $space }{ $amount }
date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
moment = { $date }, { $time } UTC

## Around every page

skip-to-content = Skip to content
search-label = Search the shop
search-placeholder = Search
search-button = Search
cart = Cart
cart-count = { $count } items
departments = Departments
home = Home
all-products = All products
new-in = New in
breadcrumb = Breadcrumb
footer = Footer
language = Language
currency = Currency

## Products

price-from = from
price-now = Now
price-before = , before
group-code = Your prices
price-by-pieces = Price by number of pieces
price-from-pieces = from { $pieces }: { $price } each
lowest-before = Lowest price of the { $days } days before: { $price }
sale = Sale
sold-out = Sold out
sold-out-variant = Sold out in { $variant }
sold-out-option = (sold out)
changes-options = (changes other options)
in-stock = In stock
in-stock-ships = In stock, ready to send
backorder = Available to order
backorder-from = Available to order, sent from { $day }
preorder = Pre-order
preorder-from = Pre-order, sent from { $day }
pre-order-now = Pre-order now
awaited-some = { $quantity } of { $count }: { $text }
not-sold = Not sold in { $currency }
pictures = Pictures
picture-of = Picture { $number } of { $count }
quantity = Quantity
sold-by = Sold in multiples of { $step }.
pickup = Collect it
pickup-there = { $hours ->
    [one] In stock, ready in an hour
   *[other] In stock, ready in { $hours } hours
}
pickup-not-there = Not there at present
size-chart = Size chart
unit-piece = piece
take-gift = Add it for nothing
add-to-cart = Add to cart
added-to-cart = Added to your cart.
not-added = That did not work.
view-cart = View cart
description = Description
details = Details
article-number = Article number
weight = Weight
yes = Yes
no = No
related = You may also like
close = Close
compare = Compare
compare-title = Compare products
compare-one = Open another product and choose “Compare” to see both side by side.
compare-empty = Nothing to compare yet
compare-empty-text = Open a product and choose “Compare”. What you compare stays in your browser.
price = Price
stock = Stock
nothing-said = not said
recently-viewed = Recently viewed

## The home page

# What the shop is, in a sentence, unless its settings say it.
tagline = Well-made things, fairly priced and quickly sent.
shop-everything = Shop everything
view-all = View all
shelves-empty = The shelves are still empty
shelves-empty-text = Products appear here as soon as there are any.

## Listings and search

search-title = Search
results-for = Results for “{ $query }”
corrected = There was nothing for “{ $query }”, so this is for “{ $corrected }”.
filters = Filters
close-filters = Close filters
apply-filters = Apply filters
active-filters = Active filters
remove-filter = Remove
clear-all = Clear all
category = Category
more = More
price-in = Price in { $currency }
lowest-price = Lowest price
highest-price = Highest price
from = From
to = To
products-found = { $count ->
    [one] { $count } product
   *[other] { $count } products
}
sort-by = Sort by
sort = Sort
sort-recommended = Recommended
sort-relevance = Best match
sort-newest = Newest
sort-price-asc = Price: low to high
sort-price-desc = Price: high to low
sort-title = Name
chip = { $label }: { $value }
chip-category = In: { $category }
chip-price-min = From { $price }
chip-price-max = Up to { $price }
pages = Pages
first-page = First page
next-page = Next page
nothing-found = Nothing found
nothing-with-filters = No product has all of these properties. Remove a filter to see more.
nothing-for-query = Try a shorter or more general word, or look around:
nothing-yet = There is nothing here yet.

## The cart

update-cart = Update cart
update-quantities = Update quantities
quantity-of = Quantity of { $title }
remove = Remove
remove-code = Remove code { $code }
summary = Summary
discount = Discount { $amount }
tax-included-note = Prices include tax.
delivery-note = Delivery is worked out from your address.
to-checkout = Go to checkout
change-marked = Please change what is marked first.
discount-code = Discount code
add = Add
cart-empty = Your cart is empty
cart-empty-text = Nothing in it yet. Have a look around.
cart-other-currency = Your cart is in { $currency }.
cart-to-currency = Show it in { $currency }
no-longer-sold = No longer sold
please-remove = Please remove this item.
item-not-sold = This item is not sold any more.
wrong-quantity = The quantity { $problem }
wrong-code = The code { $problem }
wrong-message = The message { $problem }
wrong-wrap = This gift wrap is not offered.
gift-wrap = Gift wrap
gift-wrap-none = No gift wrap
gift-wrap-each = { $wrap }, { $amount } each
gift-wrap-message = Message
gift-wrap-save = Save

## Sums

sum-subtotal = Subtotal
sum-discount = Discount
sum-fee = Surcharge
sum-shipping = Delivery
sum-tax = Tax
sum-tax-included = Tax included
sum-total = Total
sum-other = Other

## Checkout

checkout = Checkout
check-details = Please check your details
update = Update
please-note = Please note
seen-and-agree = I have seen this and agree
change-cart = Change the cart
contact = Contact
email = E-mail
delivery-address = Delivery address
your-address = Your address
delivery = Delivery
address-first = Fill in your address to see how we can send it.
update-delivery = Update delivery and total
invoice = Invoice
billing-differs = The invoice goes to another address
payment = Payment
pay-amount = Pay { $amount }
binding = By paying you place a binding order.
order-summary = Order summary
your-order = Your order
free = Free
ready-within = { $days ->
    [one] Ready within a working day
   *[other] Ready within { $days } working days
}
working-days = { $days ->
    [one] { $days } working day
   *[other] { $days } working days
}
working-days-range = { $least }–{ $most } working days
optional = (optional)
choose = Please choose
field-name = Full name
field-company = Company
field-tax-number = VAT number (companies)
field-line1 = Street and number
field-line2 = Apartment, floor, …
field-postal-code = Postal code
field-city = Town or city
field-region = State or region
field-country = Country
field-phone = Phone, for the carrier
mistake = { $label }: { $problem }
no-payment = There is no way to pay at the moment. Please come back later.
choose-payment = Please choose how to pay.
card-field = Card
card-needs-script = To pay by card, your browser has to run JavaScript: the card goes straight to the payment provider. Please allow it, or pay in another way.
card-is-not-ours = Your card goes straight to the payment provider. This shop never sees its number.
card-incomplete = Please fill in your card, or pay in another way.
remember-card = Remember this card on this device
saved-here = Saved on this device
saved-is-expired = This card has expired.
saved-expired = This card has expired. Please pay in another way.
saved-gone = This card is not saved any more. Please pay in another way.
remove-saved = Remove { $card }
wallet = Saved cards
wallet-empty = No card is saved on this device.
wallet-about = Cards are kept by the payment provider; this shop knows their brand, their last four digits and until when they are good. They are saved for this browser only.
wallet-add = Add a card
wallet-save = Save this card
wallet-saved = The card is saved.
wallet-removed = The card is removed.
wallet-full = No more cards fit in here. Please remove one first.
wallet-too-many = Too many cards were tried here. Please try again later.
wallet-failed = The card could not be saved. Please try another one.
wallet-runs = The card is not saved yet. Please look again in a moment.
bank-confirms-card = Your bank wants you to confirm this card.
test-bank-save = Let { $shop } save your card?
card-decided-already = This has been decided already.
gift-card-code = Code of the gift card
gift-card-code-missing = Please type the code of your gift card, or pay in another way.
gift-cards = Gift cards
gift-card-ending = Gift card ····{ $hint }
gift-card-apply = Apply gift card
gift-card-code-wrong = This is not the code of a gift card: it has 12 to 40 letters and digits.
gift-card-twice = This gift card is applied already.
gift-card-not-needed = The other gift cards pay all of it.
gift-cards-too-many = No more gift cards can be used for one order.
gift-card-not-here = Gift cards cannot be used at the moment. Please pay in another way.
gift-card-look-again = Your gift card is applied. Please check what is left to pay.
pay-due = Still to pay: { $amount }
due-changed = What is due has changed. Please look again before you pay.
left-to-pay = Left to pay
pay-by-gift-card = Order and pay by gift card
paid-by = Paid by
paid-by-card = Card
paid-by-hand = Bank transfer or on delivery
payment-still-awaited = { $means }, still awaited
card-away = The payment provider cannot be reached. Please try again, or pay in another way.
card-action-text = Your bank wants you to confirm this payment. It opens a window here.
page-out-of-date = This page was out of date. Please check it and pay again.
draft-intro = We have put this order together for you. Please look through it, and pay below.
draft-changed = We have changed this order since you last saw it. Please look at it again before you pay.
draft-placed-title = This order has been placed
draft-placed-text = It is order { $number }. Nothing can be paid by this link any more.
draft-dropped-title = This order was withdrawn
draft-dropped-text = Nothing can be paid by this link any more. Please ask us if you still want these items.
draft-expired-title = This link has expired
draft-expired-text = Nothing can be paid by it any more. Please ask us for a new one if you still want these items.
just-sold = Some items have just been sold. Please change your cart.
something-changed = Something has changed. Please look at the notes below before you pay.
total-now-includes = The total now includes delivery and tax to your address. Please check it, then pay.
too-many-declines = Too many payments from here were declined. Please try again later.
purchase-refused = We cannot take this purchase as it is. Please contact us.
payment-failed = The payment failed. Please try another way.
one-more-step = One more step
bank-confirms = Your bank wants you to confirm this payment of { $amount }.
to-bank = Go to your bank
pay-another-way = Or pay another way
payment-runs = Your payment is being made
payment-runs-text = This takes a moment. The page goes on by itself; please don’t pay a second time.
look-again = Look again

## The test card and its bank

test-card-does = What the test card does
test-card-ok = Is accepted
test-card-declined = Is declined
test-card-needs-action = Asks for confirmation at the bank
test-card-slow = Is accepted, slowly
test-card-timeout = Never answers
test-card-capture-fails = Is accepted, taken at the second try
test-card-away = Cannot be reached
test-card-vanishes = Holds the money, then cannot be reached
test-card-declined-later = Is accepted once, declined from then on
test-bank = Test bank
test-bank-text = This page stands in for the buyer’s bank while the shop is being tried. No money moves.
test-bank-pay = Pay { $amount } to { $shop }?
approve = Approve
decline = Decline
decided-already = This payment has been decided already.
back-to-shop = Back to the shop

## Orders

order-title = Order { $number }
order = Order
thank-you = Thank you for your order
thank-you-text = A confirmation is on its way to { $email }. This page shows how it goes on; keep its link.
placed-on = Placed on { $date }
how-to-pay = How to pay
what-you-ordered = What you ordered
collected-by = Collected by
delivery-to = Delivery to
invoice-to = Invoice to
what-happened = What happened
sum = Sum
order-in-progress = In progress
order-completed = Completed
order-canceled = Cancelled
payment-captured = Paid
payment-authorised = Authorised
payment-refunded = Refunded
payment-awaited = Awaiting payment
fulfilment-sent = Sent
fulfilment-partly = Partly sent
fulfilment-not-needed = Nothing to send
fulfilment-prepared = Being prepared
payment-voided = Nothing to pay
parcels = Parcels
parcel-follow = Follow the parcel
comes-in-parcels = Your order comes in { $count } parcels.
parcel-of = Parcel { $number } of { $count }
arrives-on = Arrives on { $day }
arrives-between = Arrives between { $first } and { $last }
to-be-sent = Still to be sent
your-files = Your files
units = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
refunds = Refunds
refund-open = on its way back to you
refund-done = paid back
refund-refused = could not be paid back yet; we will see to it
money-paid = Paid
money-refunding = On its way back
money-refunded = Paid back
money-store-credit = Credited
money-due = Still to pay
returns = Returns
return-requested = asked for; we will answer soon
return-approved = approved; please send it to us
return-declined = declined
return-canceled = cancelled
return-received = it has arrived and is being looked at
return-settled = settled
invoice-file = Invoice (PDF)
return-form = Send something back
return-form-text = Choose what you would like to send back
return-reason = Why
return-resolution = What you would like instead
return-comment = What else should we know
return-send = Ask for a return
return-asked = Your return was asked for. We will answer soon; this page shows how it goes on.
return-choose = Please choose at least one item that you would like to send back.
return-too-many = You cannot send back that many. Please look at what can still be chosen.
return-too-late = The time for returns of this order is over. Please write to us.
return-check = Please check what you have chosen and written.
reason-changed-mind = I changed my mind
reason-damaged = It is damaged
reason-wrong-item = It is not what I ordered
reason-not-as-described = It is not as described
reason-late = It came too late
reason-other = Another reason
resolution-refund = My money back
resolution-exchange = An exchange
resolution-store-credit = Credit with this shop

## When something is wrong

to-home = To the home page
not-found-title = Page not found
not-found-text = There is nothing at this address. It may have moved, or the link is mistyped.
gone-title = No longer available
gone-text = This product has left our range. Perhaps something else fits.
wrong-method-title = That does not work here
wrong-method-text = This page cannot be asked for in that way.
foreign-title = Sent from elsewhere
foreign-text = This form came from another site. Open the shop here and try again.
too-large-title = Too much at once
too-large-text = What was sent is larger than we can take.
too-slow-title = That took too long
too-slow-text = The form did not arrive in time. Please send it again.
too-many-title = One moment, please
too-many-text = There were very many requests from you. Wait a little and try again.
away-title = Back in a moment
away-text = A part of the shop does not answer right now. Please try again shortly.
buying-pauses-title = Buying pauses for a moment
buying-pauses-text = Carts and checkout do not answer right now; products can still be looked at. What is in your cart stays there. Please try again shortly.
bad-request-title = We did not understand that
bad-request-text = Something in this address or form is not as we expect it.
failed-title = Something went wrong
failed-text = The fault is ours, and it has been noted. Please try again.
