"""What the programs here share: the runner's environment, and the line they print."""

import json
import os
import sys
import time
import urllib.request
from base64 import urlsafe_b64decode
from types import SimpleNamespace

env = SimpleNamespace(**os.environ)
scope = os.environ.get("SCOPE") or None

# These differ in key and scope only, so a program gets its token the same way for all.
TOKEN_FEATURES = ("basic", "basic_special", "default_scope", "scope_echo", "bad_secret", "bad_scope")


def client(get_token, **features):
    """Prints what the feature named by the last argument answers, or the exception."""
    features.update(dict.fromkeys(TOKEN_FEATURES, get_token))
    try:
        answer = features[sys.argv[-1]]()
    except Exception as e:
        # Some exceptions keep the RFC's error code in an attribute, away from their text.
        text, code = f"{type(e).__name__}: {e}", getattr(e, "error", None) or ""
        answer = {"error": text if code in text else f"{text} ({code})"}
    print(json.dumps(answer, default=str))


def renewed(get_access_token):
    """Asks twice, with the life of a two-second token in between."""
    first = get_access_token()
    time.sleep(3)
    return {"access_token": get_access_token(), "first": first}


def verifier(verify):
    """Prints what verify says of each token on standard input: its claims, or an exception."""
    for line in sys.stdin:
        try:
            claims = verify(line.strip())
            answer = {"ok": True, "sub": claims["sub"], "scope": claims["scope"]}
        except Exception as e:
            answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


_jwks = {"keys": []}


def jwks(token):
    """The JWKS for libraries that read none. A kid that it lacks makes it be read again."""
    kid = json.loads(urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]
    if kid not in [key["kid"] for key in _jwks["keys"]]:
        with urllib.request.urlopen(env.JWKS_URI) as answer:
            _jwks.update(json.load(answer))
    return _jwks
