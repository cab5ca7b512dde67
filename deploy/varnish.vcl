# Varnish before `isthmus serve`, for waves of readers and for when the site restarts. Set in isthmus.toml:
#   cache_purge_url = "http://127.0.0.1:6081"     (where Varnish listens: it is told there what changed)
#   trusted_proxies = ["127.0.0.1"]
# Varnish speaks no TLS: hitch, nginx or a load balancer does before it. Written for Varnish 7.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "8000";
    .first_byte_timeout = 60s;
}

# Who may say what changed: the machine Isthmus runs on, and nobody else.
acl isthmus {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ isthmus) {
            return (synth(405, "Not for you"));
        }
        # Tags with blanks between them; "all" is every page. An object is left at its next request, or by the ban lurker.
        if (req.http.Surrogate-Key ~ "^all$") {
            ban("obj.status != 0");
        } else if (req.http.Surrogate-Key ~ "^[a-z0-9:._-]+( [a-z0-9:._-]+)*$") {
            ban("obj.http.Surrogate-Key ~ (^|\s)(" + regsuball(req.http.Surrogate-Key, " ", "|") + ")(\s|$)");
        } else {
            return (synth(400, "No tags"));
        }
        return (synth(200, "Forgotten"));
    }
    # Only the admin knows cookies; whatever else a browser sends must not make a page its own.
    if (req.url !~ "^/admin/") {
        unset req.http.Cookie;
    }
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Key) {
        # Told of every change, it could keep them for ever; ten minutes are for a machine that was cut off from being told.
        set beresp.ttl = 10m;
        # While the site is away, what is here goes on.
        set beresp.grace = 1h;
    } else {
        # Search, forms, the admin, errors, whatever does not say what it shows: asked each time.
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
    }
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.Surrogate-Key;
    unset resp.http.Surrogate-Control;
}
