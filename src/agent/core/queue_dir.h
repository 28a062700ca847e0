/* The folder in which a queue keeps its segments, and the exchange of the whole folder. */
#pragma once

#include "base/util.h"

#define QUEUE_PATH_SIZE 192

/* dir/0000000000000001.events, named by the first sequence it holds. */
void queue_segment_path(const char *dir, uint64_t first_seq, char dst[static QUEUE_PATH_SIZE]);
/* First sequences of all segments, ascending; the caller frees. */
int queue_list_segments(const char *dir, uint64_t **ret_firsts, size_t *ret_count) MUST_CHECK;
/* A header of zeros or less than one: its making was interrupted. */
bool queue_header_is_torn(int fd);
/* The folder with the files in it; a missing one is no error. */
int queue_remove_dir(const char *dir) MUST_CHECK;
/*
 * dir.new, complete, takes the place of dir, which is kept as dir + keep_suffix (".old" is
 * removed). Interrupted at any point, queue_finish_swap() ends it at the next start.
 */
int queue_swap_dirs(const char *dir, const char *keep_suffix) MUST_CHECK;
int queue_finish_swap(const char *dir) MUST_CHECK;
