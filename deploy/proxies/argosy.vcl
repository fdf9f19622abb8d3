# Varnish 7 in front of Argosy: keeps what `Cache-Control` lets it keep, forgets by `Surrogate-Key`, and shows what it
# has while the shop is away.
#
#   varnishd -f /etc/varnish/argosy.vcl -a :6081 -s malloc,1g
#   curl -X PURGE -H 'Surrogate-Key: prod_…' http://127.0.0.1:6081/        (from an address in `purgers`)
#
# Put its address into edge.trusted_proxies of the shop: else all visitors are one client to the rate limit.
vcl 4.1;

import std;

backend argosy {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 2s;
    .first_byte_timeout = 20s;
    .probe = {
        .url = "/readyz";
        .interval = 1s;
        .timeout = 3s;
        .window = 4;
        .threshold = 2;
        .initial = 2;
    }
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    unset req.http.X-Passed;
    if (req.method == "PURGE") {
        call purge_by_key;
    }
    # For whoever runs the shop, not for visitors.
    if (req.url ~ "^/(metrics|healthz|readyz)(\?|$)") {
        return (synth(404));
    }
    # What only one client may see is never looked up nor kept, whatever its headers say.
    if (req.url ~ "^/(cart|checkout|orders|account|admin)([/?]|$)"
        || req.url ~ "^/store/(carts|checkouts|orders|payments)([/?]|$)") {
        return (pass);
    }
    if (req.method == "GET" || req.method == "HEAD") {
        # The rest is the same for everybody; what a cookie says is for scripts.
        unset req.http.Cookie;
    }
    # A shop that answers is asked within a second; one that doesn't is stood in for, for an hour (beresp.grace).
    if (std.healthy(req.backend_hint) && req.restarts == 0) {
        set req.grace = 1s;
    } else {
        set req.grace = 1h;
    }
}

# Forgets all that has one of the keys, separated by spaces.
sub purge_by_key {
    if (client.ip !~ purgers) {
        return (synth(403, "Not for you"));
    }
    if (req.http.Surrogate-Key !~ "^[A-Za-z0-9_-]+( [A-Za-z0-9_-]+)*$") {
        return (synth(400, "Surrogate-Key: one or more keys, please"));
    }
    if (!std.ban("obj.http.Surrogate-Key ~ (^|\s)(" + regsuball(req.http.Surrogate-Key, " ", "|") + ")(\s|$)")) {
        return (synth(500, std.ban_error()));
    }
    return (synth(200, "Forgotten"));
}

sub vcl_pass {
    set req.http.X-Passed = "1";
}

sub vcl_backend_response {
    # An old page is better than an error.
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
    # What does not say that it may be kept is not.
    if (!beresp.http.Cache-Control || beresp.http.Set-Cookie) {
        set beresp.uncacheable = true;
    }
    if (!beresp.uncacheable && beresp.http.Cache-Control !~ "no-store|private|no-cache") {
        # These belong to who first asked.
        unset beresp.http.RateLimit-Limit;
        unset beresp.http.RateLimit-Remaining;
        unset beresp.http.RateLimit-Reset;
        unset beresp.http.X-Request-Id;
        set beresp.grace = 1h;
        set beresp.keep = 1h;
    }
}

sub vcl_deliver {
    # The shop did not answer, and it isn't known to be sick yet: look again for something older.
    if (resp.status >= 500 && req.restarts == 0 && !req.http.X-Passed
        && (req.method == "GET" || req.method == "HEAD")) {
        return (restart);
    }
    if (req.http.X-Passed) {
        set resp.http.X-Cache = "PASS";
    } elsif (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
    unset resp.http.Surrogate-Key;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}
