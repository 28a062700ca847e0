/* A visitor's or contractor's own device for some days (clause D24): who applies answers for it,
 * the branch approves; it gets the visitors' network of its unit and ends by itself. */
#include "server/engine/visitor.h"
#include "base/clock.h"
#include "server/engine/requests/kind.h"

static const struct request_field fields[] = {
	{"name", FIELD_TEXT, "来访人姓名", "Visitor", true, 63, NULL},
	{"company", FIELD_TEXT, "来访单位", "Company", true, 96, NULL},
	{"mac", FIELD_MAC, "设备MAC地址", "MAC address of the device", true, 17, NULL},
	{"place", FIELD_TEXT, "使用地点", "Place", true, 96, NULL},
	{"days", FIELD_DAYS, "有效期（天）", "Valid for (days)", true, VISITOR_DAYS_MOST, NULL},
	{"reason", FIELD_LONG_TEXT, "来访事由", "Purpose of the visit", true, 500, NULL},
	{NULL, FIELD_TEXT, NULL, NULL, false, 0, NULL},
};

static const struct request_step route[] = {
	{"technology", "科技部门审批", "Technology department or branch administrator",
	 ROLE_REGIONAL, UNIT_REGION},
	{NULL, NULL, NULL, 0, UNIT_OWN},
};

static int check(struct request_doing *d)
{
	struct terminal t;
	struct mac mac;
	int64_t days;
	int r = visitor_days(store_writer(d->store), &days);

	if (r)
		return r;
	if (request_int(d, "days") > days)
		return refuse(d->why, REFUSAL_VALUE_WRONG, "form.days");
	if (!request_mac(d, "mac", &mac) || mac_is_multicast(&mac))
		return refuse(d->why, REFUSAL_VALUE_WRONG, "form.mac");
	r = terminal_load_by_mac(store_writer(d->store), &mac, &t);
	return r > 0 ? refuse(d->why, REFUSAL_MAC_TAKEN, "form.mac") : r;
}

static int effect(struct request_doing *d)
{
	struct visitor_spec spec = {.unit_id = d->unit->id,
				    .sponsor_id = d->applicant->person_id,
				    .name = request_text(d, "name"),
				    .company = request_text(d, "company"),
				    .place = request_text(d, "place"),
				    .until_ms = d->now_ms + request_int(d, "days") * DAY_MS};
	struct terminal t;
	int r = request_mac(d, "mac", &spec.mac) ? 0 : -EUCLEAN;

	if (!r)
		r = visitor_admit(d->store, d->now_ms, d->who, &spec, &t);
	if (r)
		return r;
	d->effect = json_pack("{s:I, s:s, s:I}", "terminal_id", (json_int_t)t.id, "asset_no",
			      t.asset_no, "until_at", (json_int_t)spec.until_ms);
	return d->effect ? 0 : -ENOMEM;
}

const struct request_kind request_visitor = {
	.id = "visitor",
	.zh = "来访设备临时入网申请",
	.en = "Visitor's device",
	.clauses = {"D24"},
	.filers = ROLE_STAFF,
	.fields = fields,
	.route = route,
	.check = check,
	.effect = effect,
};
