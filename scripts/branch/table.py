"""What `make up` prints: where the console is, who may log in, and what each terminal got and why."""
import unicodedata

import town
from seed import password_of

ROLES = {"admin": "安全管理员 security administrator", "sysadmin": "系统管理员 system administrator",
         "auditor": "审计管理员 audit administrator", "sun.lihua": "支行管理员 regional administrator",
         "liu.yang": "部门负责人 department head", "wang.lei": "设备负责人 device officer"}
VERDICTS = {"admit": "准许 admitted", "isolate": "隔离 isolated", "reject": "拒绝 rejected"}


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def print_table(head, rows):
    widths = [max(width(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * w for w in widths], *rows]:
        print("  " + "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths)).rstrip())


def print_accounts(branch):
    people = branch.people
    rows = [[name, people[name]["password"], ("登录时绑定 bound at login" if name in ROLES else "不需要 none") if not people[name].get("totp")
             else people[name]["totp"], ROLES.get(name, "员工 staff")]
            for name in [*ROLES, *(p[3] for p in town.PEOPLE if p[3] not in ROLES)] if name in people]
    print_table(["账号 account", "口令 password", "动态口令密钥 TOTP secret", "角色 role"], rows)


def print_terminals(branch):
    reasons = {row["code"]: row for row in branch.api("admin").get("/reasons")["rows"]}
    rows = []
    for device in town.DEVICES:
        knock = branch.last_knock(device)
        reason = reasons.get(knock["reason"], {}) if knock else {}
        rows.append([device["port"], device["mac"], device["zh"], device["en"],
                     VERDICTS.get(knock["verdict"], knock["verdict"]) if knock else "还没有请求 no knock yet",
                     f"{reason.get('zh', '')} {reason.get('en', '')} [{knock['reason']}]" if knock else ""])
    print_table(["端口 port", "MAC", "设备", "device", "准入结果 verdict", "原因 reason"], rows)


def print_all(branch):
    print(f"\n控制台 console   https://127.0.0.1:{branch.console_port}/"
          f"\n证书 its root    {branch.server_dir}/ca.pem\n")
    print_accounts(branch)
    if branch.has_terminals:
        print()
        print_terminals(branch)
    print("\nsudo make down 停止 stops it.")
