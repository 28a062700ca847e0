/* Lines of heads that somebody hands in: an accepted one is encoded and read back as the same. */
#include "journal/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void read_again(const struct buf *line, bool is_head)
{
	CLEANUP_BUF struct buf again = BUF_INIT;
	struct cosign cosign;
	struct head head;

	if (is_head ? head_parse(line->data, line->len, &head) || head_encode(&head, &again)
		    : cosign_parse(line->data, line->len, &cosign) ||
			      cosign_encode(&cosign, &again))
		abort();
	if (again.len != line->len || memcmp(again.data, line->data, again.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct sign_keyring none = {0};
	CLEANUP_BUF struct buf line = BUF_INIT;
	struct head_file file;

	if (head_file_parse(data, len, &file, NULL))
		return 0;
	for (size_t i = 0; i < file.head_count; i++) {
		buf_clear(&line);
		if (head_encode(&file.heads[i], &line) ||
		    head_verify(&file.heads[i], &none) != -ENOKEY)
			abort();
		if (i && file.heads[i].size < file.heads[i - 1].size)
			abort();
		read_again(&line, true);
	}
	for (size_t i = 0; i < file.cosign_count; i++) {
		buf_clear(&line);
		if (cosign_encode(&file.cosigns[i], &line))
			abort();
		read_again(&line, false);
	}
	head_file_done(&file);
	return 0;
}
