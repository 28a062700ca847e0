"""Fills the training branch as its people would, through the REST API: nothing here has another door."""
import town
import branch as places

WHY = "演练环境"


def password_of(account):
    """The invented people's passwords, printed by `make up`."""
    return f"{account.split('.')[0].capitalize()}-Menshen-2026"


def seed(branch):
    people = branch.people
    if people.get("seeded"):
        return
    system = branch.api("sysadmin")
    units = seed_units(system)
    seed_people(branch, system, units)
    switch = seed_switch(system, units)
    for device in town.DEVICES:
        if device.get("agent"):
            apply_for_computer(branch, device, units["O0101"])
        elif device.get("permit"):
            apply_for_device(branch, device, units["O0101"], switch)
    enforce(branch.api("admin"), units)
    people = branch.people
    people["seeded"] = True
    branch.keep_people(people)


def seed_units(system):
    ids = {unit["code"]: unit["id"] for unit in system.rows("/units")}
    for code, kind, parent, name in town.UNITS:
        if code not in ids:
            ids[code] = system.post("/units", {"parent_id": ids[parent], "kind": kind, "code": code,
                                               "name": name})["id"]
    return ids


def seed_people(branch, system, units):
    people = branch.people
    for staff_no, name, unit, account, post in town.PEOPLE:
        person = system.post("/people", {"unit_id": units[unit], "name": name, "staff_no": staff_no, "post": post})
        made = system.post("/accounts", {"person_id": person["id"], "name": account})
        people[account] = {"account": account, "password": made["first_password"], "wanted": password_of(account),
                           "id": made["account"]["id"], "person_id": person["id"], "name": name}
    branch.keep_people(people)
    for account, role, unit in town.ROLES:
        given = system.post(f"/accounts/{people[account]['id']}/roles",
                            {"role": role, "unit_id": units[unit], "reason": WHY})
        if "act" in given:  # who decides over others is appointed by two
            sure = branch.api("admin").post(f"/proposals/{given['id']}/decide", {"decision": "confirmed"})
            people = branch.people
            people[account]["entry_code"] = sure["entry_code"]["code"]  # from hand to hand
            branch.keep_people(people)
    for _, _, _, account, _ in town.PEOPLE:
        branch.api(account)
    return people


def seed_switch(system, units):
    return system.post("/switches", {"unit_id": units["O0101"], "name": "outlet-0101", "address": places.SWITCH_MGMT,
                              "vendor": "menshen-port", "secret": places.SWITCH_SECRET, "vlan_normal": "10",
                              "acl_isolation": "isolation"})["id"]


def approve(branch, request):
    """The department's head, then the branch administrator; the second approval is also the effect."""
    for approver, step in (("liu.yang", 0), ("sun.lihua", 1)):
        request = branch.api(approver).post(f"/requests/{request['id']}/decide",
                                            {"decision": "approved", "step": step, "comment": WHY})
    return request


def apply_for_computer(branch, device, unit):
    """Clause D05: its user applies; two approve; the code goes into people.json for the agent."""
    owner = branch.people[device["owner"]]
    request = branch.api(device["owner"]).post("/requests", {
        "kind": "terminal-onboarding", "unit_id": unit,
        "form": {"name": device["zh"], "kind": "pc", "owner": owner["person_id"], "place": "朝阳路网点",
                 "mac": device["mac"], "reason": WHY}})
    done = approve(branch, request)
    people = branch.people
    people.setdefault("codes", {})[device["host"]] = done["once"]["code"]
    branch.keep_people(people)
    return done


def apply_for_device(branch, device, unit, switch):
    """Clause D03, annex 1: the device officer applies for a permit on one port."""
    owner = branch.people[device["owner"]]
    request = branch.api("wang.lei").post("/requests", {
        "kind": "mac-admission", "unit_id": unit,
        "form": {"name": device["zh"], "kind": device["kind"], "owner": owner["person_id"], "place": "朝阳路网点",
                 "mac": device["mac"], "switch": switch, "port": device["permit"], "days": 365, "reason": WHY}})
    return approve(branch, request)


def enforce(admin, units):
    """Every bank starts in observe mode; the training branch has gone on to enforce."""
    admin.post(f"/units/{units['O0101']}/mode", {"mode": "enforce", "reason": WHY})
