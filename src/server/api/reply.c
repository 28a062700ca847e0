#include "server/api/reply.h"

#include "base/log.h"

void reply_secure(struct MHD_Response *response, const char *csp)
{
	static const char *const headers[][2] = {
		{"Strict-Transport-Security", "max-age=31536000"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Referrer-Policy", "no-referrer"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"Permissions-Policy", "camera=(), geolocation=(), microphone=(), usb=()"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		MHD_add_response_header(response, headers[i][0], headers[i][1]);
	MHD_add_response_header(response, "Content-Security-Policy",
				csp ? csp : "default-src 'none'; frame-ancestors 'none'");
}

static json_t *refusal_json(const struct refused *refused)
{
	const struct refusal_text *text = refusal_text(refused->what);
	json_t *body = json_pack("{s:s, s:s, s:s}", "code", text->code, "message_zh", text->zh,
				 "message_en", text->en);

	if (body && refused->field[0])
		json_object_set_new(body, "field", json_string(refused->field));
	return body;
}

static struct MHD_Response *json_response(json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT);
	struct MHD_Response *response;

	if (!text)
		return NULL;
	response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(text);
		return NULL;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"application/json; charset=utf-8");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	return response;
}

static enum MHD_Result send_response(struct call *c, unsigned status, struct MHD_Response *response)
{
	enum MHD_Result r;

	if (!response)
		return MHD_NO;
	reply_secure(response, NULL);
	if (c->set_cookie[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, c->set_cookie);
	if (c->set_device[0])
		MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, c->set_device);
	r = MHD_queue_response(c->connection, status, response);
	MHD_destroy_response(response);
	return r;
}

static enum MHD_Result reply_refusal(struct call *c, int r)
{
	const char *where = c->match.route ? c->match.route->operation : "call";
	enum MHD_Result sent;
	json_t *body;

	if (r != -ECANCELED)
		refuse_errno(&c->refused, r);
	if (refusal_text(c->refused.what)->status >= 500 && c->refused.what != REFUSAL_BUSY)
		log_error("api: %s failed: %s", where,
			  r == -ECANCELED ? refusal_text(c->refused.what)->en : strerror(-r));
	body = refusal_json(&c->refused);
	sent = send_response(c, (unsigned)refusal_text(c->refused.what)->status,
			     body ? json_response(body) : NULL);
	json_decref(body);
	return sent;
}

enum MHD_Result reply_call(struct call *c, int r)
{
	struct MHD_Response *response = NULL;

	if (r)
		return reply_refusal(c, r);
	if (c->response)
		response = TAKE_PTR(c->response);
	else if (c->answer)
		response = json_response(c->answer);
	else
		response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "",
							   MHD_RESPMEM_PERSISTENT);
	return send_response(c, c->status, response);
}
