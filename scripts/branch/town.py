"""The invented bank of the training branch: units, people, devices, and where each is plugged in."""

UNITS = [  # code, kind, parent, name
    ("HQ", "head-office", "", "清河农村商业银行总行"),
    ("HQ-IT", "department", "HQ", "科技部"),
    ("HQ-FIN", "department", "HQ", "财务部"),
    ("B01", "branch", "HQ", "东城支行"),
    ("B01-OFF", "department", "B01", "综合部"),
    ("B02", "branch", "HQ", "西城支行"),
    ("O0101", "outlet", "B01", "朝阳路网点"),
]

PEOPLE = [  # staff number, name, unit, account, post
    ("1001", "陈志远", "HQ-IT", "chen.zhiyuan", "department-head"),
    ("1002", "林小雨", "HQ-IT", "lin.xiaoyu", ""),
    ("1003", "周文博", "HQ", "zhou.wenbo", ""),
    ("1004", "吴建国", "HQ-FIN", "wu.jianguo", "department-head"),
    ("2001", "孙丽华", "B01", "sun.lihua", ""),
    ("2002", "郑海涛", "B01-OFF", "zheng.haitao", "department-head"),
    ("3001", "李娜", "O0101", "li.na", ""),
    ("3002", "王磊", "O0101", "wang.lei", "device-officer"),
    ("3003", "赵强", "O0101", "zhao.qiang", ""),
    ("3004", "刘洋", "O0101", "liu.yang", "department-head"),
]

ROLES = [  # account, role, unit
    ("sun.lihua", "regional", "B01"),
    ("liu.yang", "approver", "O0101"),
    ("wang.lei", "device-officer", "O0101"),
]

# Which device sits on which port of the outlet's access switch.
# `gets`: the verdict and its reason. `agent`: runs the agent. `account`: its supplicant logs on with this one. `permit`: its port by permit.
DEVICES = [
    {"host": "pc1", "gets": ("admit", "ok"), "port": "p1", "mac": "00:16:3e:10:00:01", "ip": "10.91.10.11", "kind": "pc",
     "owner": "li.na", "account": "li.na", "agent": True,
     "zh": "柜面电脑（李娜）", "en": "Li Na's counter computer"},
    {"host": "pc2", "gets": ("admit", "ok"), "port": "p2", "mac": "00:16:3e:10:00:02", "ip": "10.91.10.12", "kind": "pc",
     "owner": "wang.lei", "account": "wang.lei", "agent": True, "eap": "TTLS",
     "zh": "办公电脑（王磊）", "en": "Wang Lei's office computer"},
    {"host": "printer", "gets": ("admit", "ok"), "port": "p3", "mac": "00:16:3e:20:00:03", "ip": "10.91.10.13", "kind": "printer",
     "owner": "wang.lei", "permit": "p3", "zh": "网点打印机", "en": "the outlet's printer"},
    {"host": "moved", "gets": ("reject", "permit-other-port"), "port": "p4", "mac": "00:16:3e:20:00:04", "ip": "10.91.10.14", "kind": "printer",
     "owner": "wang.lei", "permit": "p8", "zh": "换了端口的打印机", "en": "a printer on a port that is not its own"},
    {"host": "stranger", "gets": ("isolate", "terminal-unknown"), "port": "p5", "mac": "00:16:3e:66:00:05", "ip": "10.91.10.15", "kind": None,
     "zh": "来路不明的笔记本", "en": "a stranger's laptop"},
    {"host": "borrowed", "gets": ("reject", "account-not-on-terminal"), "port": "p6", "mac": "00:16:3e:10:00:06", "ip": "10.91.10.16", "kind": "pc",
     "owner": "zhao.qiang", "account": "li.na", "agent": True,
     "zh": "赵强的电脑借用李娜的账号", "en": "Zhao Qiang's computer with Li Na's account"},
    {"host": "bare", "gets": ("isolate", "terminal-unknown"), "port": "p7", "mac": "00:16:3e:10:00:07", "ip": "10.91.10.17", "kind": None,
     "account": "liu.yang", "zh": "账号正确但未装客户端的电脑", "en": "a computer with a good account and no agent"},
]

PORTS = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"]
