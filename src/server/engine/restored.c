#include "server/engine/restored.h"

int restored_tell(struct store *s, int64_t now_ms, const struct head *from, uint64_t epoch)
{
	return act_log(s, now_ms, &actor_system, "server.restore", 0, "",
		       json_pack("{s:I, s:I, s:I}", "backup_at", (json_int_t)from->at_ms, "size",
				 (json_int_t)from->size, "epoch", (json_int_t)epoch));
}
