"""Gives the server something to be asked about, and writes down the ids of it, a file a kind."""

import json
import os

import requests

API = os.environ["MILLRACE_URL"] + "/api/v1"
FILE = """number,first_name,last_name,street,city,phone
1,Ada,Lovelace,12 Dorset Street,London,020 7946 0001
2,Ada,Lovelace,12 Dorset St.,London,020 7946 0001
3,Grace,Hopper,1 Yale Road,New Haven,203 555 0101
4,Grace M.,Hopper,1 Yale Road,New Haven,203 555 0101
5,Edsger,Dijkstra,Plantage 7,Rotterdam,010 555 0199
6,Alan,Turing,78 High Street,Hampton,020 7946 0020
7,Alan,Turing,78 High Street,Hampton,020 7946 0021
8,Barbara,Liskov,32 Vassar Street,Cambridge,617 555 0132
"""
STEPS = ["import", "profile", "cleanse", "match", "merge", "export"]

session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ["MILLRACE_TOKEN"]


def send(method, path, **more):
    answer = session.request(method, API + path, timeout=60, **more)
    answer.raise_for_status()
    return answer.json()


def project(name, file):
    made = send("POST", "/projects", json={"name": name})["id"]
    send("POST", f"/projects/{made}/files?name=people.csv", data=file.encode())
    return made


def workflow(name, project, steps, schedule):
    draft = {"name": name, "project_id": project, "steps": steps, "schedule": schedule}
    return send("POST", "/workflows", json=draft)["id"]


def run(workflow):
    queued = send("POST", f"/workflows/{workflow}/executions")["id"]
    for _ in range(10):
        execution = send("GET", f"/executions/{queued}?wait=60s")
        if execution["status"] not in ("queued", "running"):
            return execution
    raise TimeoutError(f"{queued} does not end")


def write(kind, values):
    """As schemathesis reads a dictionary: a quoted text a line."""
    with open(f"{kind}.txt", "w") as file:
        file.writelines(json.dumps(value) + "\n" for value in values)


customers = project("Customers", FILE)
send("POST", f"/projects/{customers}/suggest")
good = workflow("On demand", customers, STEPS, {"type": "on_demand"})
nightly = workflow("Nightly", customers, STEPS[:3], {"type": "cron", "expression": "0 2 * * 1-5"})
succeeded = run(good)
assert succeeded["status"] == "success", succeeded
broken = project("Broken", FILE)
bad = workflow("Broken", broken, STEPS[:1], {"type": "simple", "every": 6, "unit": "hours"})
send("POST", f"/projects/{broken}/files?name=people.csv", data=b"a,a\n1,2\n")
failed = run(bad)
assert failed["status"] == "failed", failed
users = [send("POST", "/users", json={"name": name})["user"]["id"] for name in ("Ann", "Bob")]
outputs = send("GET", f"/executions/{succeeded['id']}/outputs")["items"]
trigger = send("POST", f"/workflows/{good}/trigger-url")["path"]

write("workflows", [good, nightly, bad])
write("projects", [customers, broken])
write("executions", [succeeded["id"], failed["id"]])
write("users", users)
write("tokens", [token["id"] for token in send("GET", "/tokens")["items"] if token["name"] == "spare"])
write("outputs", [output["name"] for output in outputs])
write("triggers", [trigger.rsplit("/", 1)[1]])
[own] = [token["id"] for token in send("GET", "/tokens")["items"] if token["name"] == "schemathesis"]
with open("own.txt", "w") as file:
    file.write(own)
