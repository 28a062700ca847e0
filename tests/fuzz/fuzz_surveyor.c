/* A packet at the gate's socket for the survey: what is taken is bounded and clean, and what goes
 * on to head office can be encoded. */
#include <string.h>

#include "base/text.h"
#include "gate/beside/surveyor_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const char *text)
{
	if (!text_is_clean(text, strlen(text)))
		abort();
}

static void check_report(const struct surveyor_message *m)
{
	CLEANUP_BUF struct buf frame = BUF_INIT;

	if (frame_encode(&frame, m->frame, &m->report, frame_size(m->frame)))
		abort();
	if (m->frame == FRAME_SURVEY_SWITCH && m->report.seen.switch_id < 1)
		abort();
	if (m->frame == FRAME_SURVEY_PORT)
		check_text(m->report.at.alias);
	if (m->frame == FRAME_SURVEY_NEIGHBOUR)
		check_text(m->report.link.name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct surveyor_message m;

	if (surveyor_parse((const char *)data, len, &m))
		return 0;
	if (m.type == SURVEYOR_REPORT)
		check_report(&m);
	else if (m.type == SURVEYOR_BOUNCED ? m.number == 0
					    : m.switch_id < 1 || mac_is_multicast(&m.mac))
		abort();
	check_text(m.said);
	check_text(m.port);
	check_text(m.name);
	return 0;
}
