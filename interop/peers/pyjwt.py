"""Answers one JSON request a line on standard input with one JSON answer a line on standard output."""

import json
import sys
from datetime import datetime

import jwt
import jwt.algorithms
import jwt.api_jwt


class Clock(datetime):
    """The time of the request: PyJWT has no option for it."""

    seconds = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(cls.seconds, tz)


jwt.api_jwt.datetime = Clock


def version(request):
    # Debian mends a version without giving it another number, so the number of the patch says little.
    return {"version": ".".join(jwt.__version__.split(".")[:2])}


def mint(request):
    token = jwt.encode(request["claims"], request["key"], algorithm=request["alg"], headers=request.get("header"))
    return {"token": token}


def judge(request, key=None):
    Clock.seconds = request["now"]
    claims = jwt.decode(
        request["token"],
        key or request["key"],
        algorithms=[request["alg"]],
        audience=request.get("audience"),
        issuer=request.get("issuer"),
        options={"require": ["exp", "sub"]},
    )
    # json also reads and writes NaN, which nobody else reads.
    return {"claims": json.loads(json.dumps(claims), parse_constant=str)}


def judge_by_set(request):
    keys = jwt.PyJWKSet.from_dict(request["jwks"])
    return judge(request, keys[jwt.get_unverified_header(request["token"])["kid"]].key)


def export(request):
    algorithm = jwt.algorithms.get_default_algorithms()[request["alg"]]
    jwk = algorithm.to_jwk(algorithm.prepare_key(request["key"]))
    return {"jwk": json.loads(jwk) if isinstance(jwk, str) else jwk}


OPERATIONS = {"version": version, "mint": mint, "judge": judge, "judgeBySet": judge_by_set, "export": export}

sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    try:
        request = json.loads(line)
        answer = OPERATIONS[request["op"]](request)
    except Exception as error:  # whatever it is, the test wants to know
        answer = {"error": str(error), "type": type(error).__name__, "refusal": isinstance(error, jwt.PyJWTError)}
    print(json.dumps(answer), flush=True)
