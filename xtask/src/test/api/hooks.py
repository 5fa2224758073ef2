"""What schemathesis must not do, and the count of what it did.

It must not take away its own token, wait for minutes, or make the server call an address outside this machine.
"""

import atexit
import collections
import json
import os
import re

import schemathesis

OWN_TOKEN = os.environ["MILLRACE_TOKEN_ID"]
COUNTS = os.environ["MILLRACE_COUNTS"]
NOBODY = "00000000-0000-7000-8000-000000000000"

statuses = collections.Counter()


@schemathesis.hook
def before_call(context, case, kwargs):
    if (case.path_parameters or {}).get("id") == OWN_TOKEN:
        case.path_parameters["id"] = NOBODY
    wait = (case.query or {}).get("wait")
    if isinstance(wait, str) and re.fullmatch(r"0*[1-9][0-9]?s?", wait):
        case.query["wait"] = "1s"
    if isinstance(case.body, dict):
        for told in (case.body, case.body.get("notifications")):
            if isinstance(told, dict) and isinstance(told.get("webhooks"), list):
                told["webhooks"] = [at_home(webhook) for webhook in told["webhooks"]]


def at_home(webhook):
    """The same address on this machine, where nobody listens and the server calls nobody."""
    if not isinstance(webhook, str):
        return webhook
    return re.sub(r"^(https?)://[^/\s]\S*$", r"\1://127.0.0.1:9/", webhook)


@schemathesis.hook
def after_call(context, case, response):
    statuses[f"{response.status_code}"] += 1


@atexit.register
def write():
    with open(COUNTS, "w") as file:
        json.dump(statuses, file)
