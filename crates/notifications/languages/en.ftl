# What mails say, in English. A language lacks nothing if it has these messages; what it lacks is said in English.
# The syntax is Fluent's: https://projectfluent.org/fluent/guide/

## Numbers and money

decimal-point = .
thousands = ,
# $space is empty, or a space for a currency without a sign of its own.
money = { $sign }{ $unit }{ $space }{ $amount }

## Days

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

## In every mail

order = Order { $number }
dear-customer = dear customer
see-order = See how your order stands
sum-subtotal = Subtotal
sum-discount = Discount
sum-fee = Surcharge
sum-shipping = Delivery
sum-tax = Tax
sum-tax-included = Tax included
sum-total = Total
paid-by-gift-card = By gift card ····{ $hint }
paid-by-card = By card
paid-by-hand = By bank transfer or on delivery
sum-other = Other

## Each mail: what stands in the list of mails, what it begins with, what it says

order_confirmation-subject = { $shop }: your order { $number }
order_confirmation-heading = Thank you for your order, { $name }.
deliver-to = We deliver to
collected-by = It is collected by

shipped-subject = { $shop }: order { $number } is on its way
shipped-heading = Your parcel is on its way.
shipped-text = These items have left us:
shipped-carrier = Carrier: { $carrier }
shipped-tracking = Number of the parcel: { $number }
shipped-follow = Follow the parcel

ready_for_pickup-subject = { $shop }: order { $number } is ready for you
ready_for_pickup-heading = Your order is ready to be collected.
ready_for_pickup-text = These items wait for you. Please bring the number of your order.

canceled-subject = { $shop }: order { $number } was canceled
canceled-heading = Your order was canceled.
canceled-text = These items will not be sent:
partly_canceled-subject = { $shop }: a part of order { $number } was canceled
partly_canceled-heading = A part of your order was canceled.
partly_canceled-text = These items will not be sent; all others will:
canceled-money = What you have paid for them is on its way back to you.
reason-buyer = You asked for it.
reason-out-of-stock = They have sold out. We are sorry.

refunded-subject = { $shop }: a refund for order { $number }
refunded-heading = We have paid back { $amount }.
refunded-text = It goes the way you paid. Banks may take some days to show it.

return_requested-subject = { $shop }: your return of order { $number }
return_requested-heading = You want to send something back.
return_requested-text = We have your wish to send back these items, and will answer soon:
return_approved-subject = { $shop }: your return of order { $number } is approved
return_approved-heading = Your return is approved.
return_approved-text = Please send us these items:
return_declined-subject = { $shop }: your return of order { $number }
return_declined-heading = We cannot take these items back.
return_declined-text = You asked to send back:
return_received-subject = { $shop }: your return of order { $number } has arrived
return_received-heading = What you sent back has arrived.
return_received-text = We look through it now:

order_changed-subject = { $shop }: order { $number } was changed
order_changed-heading = Your order was changed.
order_changed-text = This is what is in it now:
order_changed-more = It costs { $amount } more than before.
order_changed-less = It costs { $amount } less than before.
order_changed-due = Still to pay: { $amount }
order_changed-pay = See what is to be paid

payment_link-subject = { $shop }: your order can be paid
payment_link-heading = Your order can be paid.
payment_link-text = This is what we have put together for you. The link shows it as it stands now, and nothing is sent or charged before you pay there.
payment_link-pay = See and pay

expected_changed-subject = { $shop }: another day for order { $number }
expected_changed-heading = Something in your order comes on another day.
expected_changed-text = You wait for these items:
preorder-from = Pre-order, sent from { $day }
preorder-sometime = Pre-order; the day is not known yet
backorder-from = Sent from { $day }
backorder-sometime = Sent as soon as it is here; the day is not known yet
