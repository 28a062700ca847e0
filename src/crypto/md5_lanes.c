#include "crypto/md5_lanes.h"

#include <string.h>

#include "base/buf.h"

#define LANES 8
#define BLOCK 64
#define WORDS 16
#define FEWEST 4    /* messages for which the lanes pay */
#define TOGETHER 64 /* messages, in the order of their lengths */

#ifdef __x86_64__
#define WITH_VECTORS __attribute__((target("avx2")))
#else
#define WITH_VECTORS
#endif

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

/* The four words of the sum as it stands, of each lane. */
struct sums {
	lanes word[4];
};

/* A message on its way through a lane. */
struct lane {
	struct md5_task *task; /* NULL: the lane is idle */
	size_t piece, at;      /* what is read next */
	uint64_t size;	       /* bytes read, the key's block among them */
	bool marked;	       /* the one bit that ends the message is written */
	bool ended;	       /* and its length */
	bool outer;	       /* the second sum of an HMAC */
	uint8_t block[BLOCK];
};

/* Messages that wait for a lane, and the lanes. */
struct work {
	struct md5_task **waiting; /* the longest first, so that the lanes end together */
	size_t waiting_count, busy;
	struct lane lanes[LANES];
	struct sums sums;
};

/* ---- the function ---- */

/* RFC 1321, section 3.4: the integer part of 2^32 times |sin(i + 1)|. */
static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
	0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
	0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391,
};

#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define F(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define G(x, y, z) F(z, x, y)
#define H(x, y, z) ((x) ^ (y) ^ (z))
#define I(x, y, z) ((y) ^ ((x) | ~(z)))

/* A round takes the words of the block by their numbers step * i + from. */
#define OPERATION(f, a, b, c, d, i, step, from, turn)                                              \
	do {                                                                                       \
		(a) += w[((step) * (i) + (from)) % WORDS] + sines[i] + f(b, c, d);                 \
		(a) = (b) + ROTATE(a, turn);                                                       \
	} while (0)
#define FOUR(f, i, step, from, t0, t1, t2, t3)                                                     \
	OPERATION(f, a, b, c, d, i, step, from, t0);                                               \
	OPERATION(f, d, a, b, c, (i) + 1, step, from, t1);                                         \
	OPERATION(f, c, d, a, b, (i) + 2, step, from, t2);                                         \
	OPERATION(f, b, c, d, a, (i) + 3, step, from, t3)
#define ROUND(f, i, step, from, ...)                                                               \
	FOUR(f, i, step, from, __VA_ARGS__);                                                       \
	FOUR(f, (i) + 4, step, from, __VA_ARGS__);                                                 \
	FOUR(f, (i) + 8, step, from, __VA_ARGS__);                                                 \
	FOUR(f, (i) + 12, step, from, __VA_ARGS__)

/*
 * Eight words of each lane become the words of eight lanes. Laying the two halves of the square
 * into one another turns the number of each word's place by a bit; three times exchange its rows
 * and columns.
 */
WITH_VECTORS static void transpose(lanes v[static LANES])
{
	for (unsigned turn = 0; turn < 3; turn++) {
		lanes old[LANES];

		memcpy(old, v, sizeof(old));
		for (unsigned i = 0; i < LANES / 2; i++) {
			lanes a = old[i], b = old[i + LANES / 2];

			v[2 * i] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
			v[2 * i + 1] = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
		}
	}
}

WITH_VECTORS static void load(const uint8_t *const blocks[static LANES], lanes w[static WORDS])
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		memcpy(&w[lane], blocks[lane], BLOCK / 2);
		memcpy(&w[LANES + lane], blocks[lane] + BLOCK / 2, BLOCK / 2);
	}
	transpose(w);
	transpose(w + LANES);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (unsigned j = 0; j < WORDS; j++)
		for (unsigned lane = 0; lane < LANES; lane++)
			w[j][lane] = __builtin_bswap32(w[j][lane]);
#endif
}

/* A block of each lane. */
WITH_VECTORS static void compress(struct sums *s, const uint8_t *const blocks[static LANES])
{
	lanes a = s->word[0], b = s->word[1], c = s->word[2], d = s->word[3];
	lanes w[WORDS];

	load(blocks, w);
	ROUND(F, 0, 1, 0, 7, 12, 17, 22);
	ROUND(G, 16, 5, 1, 5, 9, 14, 20);
	ROUND(H, 32, 3, 5, 4, 11, 16, 23);
	ROUND(I, 48, 7, 0, 6, 10, 15, 21);
	s->word[0] += a;
	s->word[1] += b;
	s->word[2] += c;
	s->word[3] += d;
}

/* ---- the messages ---- */

static void put_le32(uint8_t *to, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static size_t copy_pieces(struct lane *l, size_t filled)
{
	const struct md5_task *t = l->task;

	while (filled < BLOCK && l->piece < t->count) {
		const struct piece *p = &t->pieces[l->piece];
		size_t n = MIN(p->len - l->at, BLOCK - filled);

		if (n > 0)
			memcpy(l->block + filled, (const uint8_t *)p->data + l->at, n);
		filled += n;
		l->at += n;
		if (l->at == p->len) {
			l->piece++;
			l->at = 0;
		}
	}
	return filled;
}

/* Section 3.1 and 3.2: a one, zeros, and the length in bits where there is room for it. */
static void end_message(struct lane *l, size_t filled)
{
	memset(l->block + filled, 0, BLOCK - filled);
	if (!l->marked)
		l->block[filled++] = 0x80;
	l->marked = true;
	if (filled > BLOCK - 8)
		return;
	put_le32(l->block + BLOCK - 8, (uint32_t)(l->size << 3));
	put_le32(l->block + BLOCK - 4, (uint32_t)(l->size >> 29));
	l->ended = true;
}

/* The next block of the message, padded where it ends. */
static const uint8_t *next_block(struct lane *l)
{
	const struct md5_task *t = l->task;
	size_t filled = 0;

	if (!l->outer && l->piece < t->count && t->pieces[l->piece].len - l->at >= BLOCK) {
		l->at += BLOCK;
		l->size += BLOCK;
		return (const uint8_t *)t->pieces[l->piece].data + l->at - BLOCK;
	}
	if (l->outer) {
		memcpy(l->block, t->sum, MD5_SIZE);
		filled = MD5_SIZE;
	} else {
		filled = copy_pieces(l, 0);
	}
	l->size += filled;
	if (filled < BLOCK)
		end_message(l, filled);
	return l->block;
}

/* ---- the lanes ---- */

static void set_sums(struct work *w, unsigned lane, const uint32_t words[static 4])
{
	for (unsigned i = 0; i < 4; i++)
		w->sums.word[i][lane] = words[i];
}

/* From the key's inner or outer block on, or from the beginning of a plain sum. */
static void begin_sum(struct work *w, unsigned lane, struct md5_task *task, bool outer)
{
	const struct hmac_md5_key *key = task->key;
	uint32_t words[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	struct lane *l = &w->lanes[lane];

	if (key)
		md5_words(outer ? &key->outer : &key->inner, words);
	set_sums(w, lane, words);
	l->task = task;
	l->piece = l->at = 0;
	l->size = key ? BLOCK : 0;
	l->marked = l->ended = false;
	l->outer = outer;
}

static void begin_next(struct work *w, unsigned lane)
{
	w->lanes[lane].task = NULL;
	if (w->waiting_count == 0)
		return;
	w->waiting_count--;
	w->busy++;
	begin_sum(w, lane, *w->waiting++, false);
}

static void end_sum(struct work *w, unsigned lane)
{
	const struct lane *l = &w->lanes[lane];

	for (unsigned i = 0; i < 4; i++)
		put_le32(l->task->sum + 4 * i, w->sums.word[i][lane]);
	if (l->task->key && !l->outer) {
		begin_sum(w, lane, l->task, true);
		return;
	}
	w->busy--;
	begin_next(w, lane);
}

/* A block of each message that is in a lane. */
static void step(struct work *w)
{
	static const uint8_t idle[BLOCK];
	const uint8_t *blocks[LANES];

	for (unsigned lane = 0; lane < LANES; lane++)
		blocks[lane] = w->lanes[lane].task ? next_block(&w->lanes[lane]) : idle;
	compress(&w->sums, blocks);
	for (unsigned lane = 0; lane < LANES; lane++)
		if (w->lanes[lane].task && w->lanes[lane].ended)
			end_sum(w, lane);
}

static size_t size_of(const struct md5_task *t)
{
	size_t size = 0;

	for (size_t i = 0; i < t->count; i++)
		size += t->pieces[i].len;
	return size;
}

/* Few, and often alike: by insertion. */
static void order(struct md5_task *tasks, size_t count, struct md5_task **ret)
{
	size_t sizes[TOGETHER];

	for (size_t i = 0; i < count; i++) {
		size_t size = size_of(&tasks[i]), at = i;

		for (; at > 0 && sizes[at - 1] < size; at--) {
			sizes[at] = sizes[at - 1];
			ret[at] = ret[at - 1];
		}
		sizes[at] = size;
		ret[at] = &tasks[i];
	}
}

static void in_lanes(struct md5_task *tasks, size_t count)
{
	struct md5_task *waiting[TOGETHER];
	struct work w = {.waiting = waiting, .waiting_count = count};

	order(tasks, count, waiting);
	for (unsigned lane = 0; lane < LANES; lane++)
		begin_next(&w, lane);
	while (w.busy > 0)
		step(&w);
}

static void one_by_one(struct md5_task *tasks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct md5_task *t = &tasks[i];

		if (t->key)
			hmac_md5(t->key, t->pieces, t->count, t->sum);
		else
			md5_pieces(t->pieces, t->count, t->sum);
	}
}

static bool lanes_pay(size_t count)
{
#ifdef __x86_64__
	return count >= FEWEST && __builtin_cpu_supports("avx2");
#else
	(void)count;
	return false;
#endif
}

void md5_many(struct md5_task *tasks, size_t count)
{
	for (size_t n; count > 0; tasks += n, count -= n) {
		n = MIN(count, TOGETHER);
		(lanes_pay(n) ? in_lanes : one_by_one)(tasks, n);
	}
}
