// SIMD kernels of the engine behind one header.
//
// Every kernel computes the result of one token in an order that does not depend on how many tokens are
// computed together, on the number of threads, or on the instruction set: integer sums are exact, float sums
// are taken in a stated order with fused multiply-adds. Decoding token by token and reading a text in one
// go therefore give the same bits, and so do the scalar and the SIMD sets.
#pragma once
#include <stddef.h>
#include <stdint.h>

// ---- Packed matrices ------------------------------------------------------------------------------------
//
// A matrix [rows, columns] is held in tiles of 16 rows; a tile in blocks of 32 columns. In a block the codes
// of 16 rows lie side by side, so that one vector lane belongs to one row and no sum crosses lanes.
//
//   block  = scales of its kind, then code planes
//   codes  = 32-bit lanes, one a row; the low half holds even columns, the high half odd ones, so that
//            (lane >> s) & mask is a pair of 16-bit codes, the operands of a multiply-add of pairs; and
//            pairs i and i + 4 of 16 columns are as far apart as the two bytes of such a half, so that by a
//            mask of bytes it is a quad of 8-bit codes, the operands of a dot product of bytes: columns 2i,
//            2i + 8, 2i + 1, 2i + 9
//   planes = 8 bits: 8 vectors; 4 bits: 4; 2 bits: 2; 1 bit: 1, quads in order; wider codes are the sum of
//            two planes
//
// Scales, for 16 rows each; `z` is the code that means zero:
//   D    f16 d for 32 columns                               d·(q − z)
//   D16  f16 d for 16                                       d·(q − z)
//   DM   f16 d, f16 m for 32                                d·q + m
//   K32  u8 s, u8 m for 32;  f16 d, f16 e for 256           d·s·q − e·m; s ≤ 127 with codes of 4 bits
//   K16  two nibbles s, m for 16;  f16 d, f16 e for 256     d·s·q − e·m
//   I16  i8 s for 16;  f16 d for 256                        d·s·(q − z)
//   I32  i8 s for 32;  f16 d for 256                        d·s·(q − z)
//   E32  u8 e for 32                                        2^(e − 128)·(q − z)
//   ONE  none                                               q − z
//
// Where z is PARE_TABLE, a code chooses one of 16 values of the matrix's table, which holds value + z.
//
// Where z is PARE_TRELLIS, the first bits of codes are a plane, and of codes of 3 bits the others one of 2
// bits. The value of a code depends on the two codes before it in its chain as well. Even and odd columns of
// a super-block are a chain each, which visits the pairs of a block in the order of their first bits: 0–3,
// 8–11, 4–7, 12–15. Zeros precede its first code. With t the first bit of a code, t' and t'' those of the two
// before it, and p its other bits as a number, the value is level 4·p + t' + 2·(t ^ t' ^ t'') of the levels
// of that width.

#define PARE_TILE_ROWS 16
#define PARE_BLOCK_COLUMNS 32
#define PARE_SUPER_COLUMNS 256

enum {
  PARE_SCALE_D, PARE_SCALE_D16, PARE_SCALE_DM, PARE_SCALE_K32, PARE_SCALE_K16, PARE_SCALE_I16, PARE_SCALE_I32,
  PARE_SCALE_E32, PARE_SCALE_ONE
};
#define PARE_TABLE 128
#define PARE_TRELLIS 127

// X(name, bits, scales, z)
#define PARE_TRELLIS_FORMATS(X)            \
  X(X3, 3, PARE_SCALE_I32, PARE_TRELLIS)   \
  X(X1, 1, PARE_SCALE_I32, PARE_TRELLIS)
#define PARE_CODED_FORMATS(X)              \
  X(D8, 8, PARE_SCALE_D, 0)                \
  X(D5, 5, PARE_SCALE_D, 16)               \
  X(D4, 4, PARE_SCALE_D, 8)                \
  X(D2, 2, PARE_SCALE_D, 1)                \
  X(D1, 1, PARE_SCALE_D, 0)                \
  X(DM5, 5, PARE_SCALE_DM, 0)              \
  X(DM4, 4, PARE_SCALE_DM, 0)              \
  X(K6, 6, PARE_SCALE_K32, 0)              \
  X(K5, 5, PARE_SCALE_K32, 0)              \
  X(K4, 4, PARE_SCALE_K32, 0)              \
  X(K2, 2, PARE_SCALE_K16, 0)              \
  X(I6, 6, PARE_SCALE_I16, 32)             \
  X(I3, 3, PARE_SCALE_I16, 4)              \
  X(T4, 4, PARE_SCALE_D, PARE_TABLE)       \
  X(T4_D16, 4, PARE_SCALE_D16, PARE_TABLE) \
  X(T4_I16, 4, PARE_SCALE_I16, PARE_TABLE) \
  X(T4_I32, 4, PARE_SCALE_I32, PARE_TABLE) \
  X(T4_E32, 4, PARE_SCALE_E32, PARE_TABLE) \
  X(T2, 2, PARE_SCALE_ONE, 1)              \
  PARE_TRELLIS_FORMATS(X)

// Codes of D1 are 0 and 1 for −d and +d. Float formats hold 16 rows of each column side by side.
typedef enum {
#define PARE_NAME(name, bits, scales, z) PARE_##name,
  PARE_CODED_FORMATS(PARE_NAME)
#undef PARE_NAME
  PARE_F32, PARE_F16, PARE_BF16,
  PARE_FORMAT_COUNT
} pare_format;

typedef struct {
  const char *name;
  int bits;    // of a code, or of a float element
  int scales;  // PARE_SCALE_*; −1 for floats
  int zero;
  size_t block_bytes;  // scales and codes of 16 × 32 weights
  size_t super_bytes;  // scales shared by 8 blocks, before them
  // The factor of products with a matrix that `encode` made: where d and e are multiplied by another scale,
  // they are stored larger, so that those of small weights are no subnormal numbers of f16.
  float encoded_factor;
} pare_format_info;

const pare_format_info *pare_format_info_of(int format);
// Bytes of one tile of `columns`, a multiple of 32; the last super-block may be shorter than 256.
size_t pare_tile_bytes(int format, int columns);

typedef struct {
  const uint8_t *data;  // tiles in order, 64-byte aligned
  int32_t format;
  int32_t rows;     // padded to a multiple of 16
  int32_t columns;  // padded to a multiple of 32
  float factor;     // every sum is multiplied by it at the end
  const uint8_t *table;  // the 16 values of codes, where the format has a table
} pare_matrix;

// ---- Activations ----------------------------------------------------------------------------------------

// Activations are held as whole numbers with a scale: of 15 bits, or narrow, of 8 or 4. Pairs of 15 bits multiply nearly as
// fast as bytes on machines without dot-product instructions, and with whole weights of up to 11 bits their sums fit 32 bits
// over as many columns as share a scale.
#define PARE_GROUP_COLUMNS 64
#define PARE_TOKENS_AT_ONCE 6
#define PARE_CODE_MAX 16383
// The largest code of a width.
static inline int pare_code_max(int bits) { return (1 << (bits - 1)) - 1; }

// The layout of codes: PARE_CODES_AS_BYTES, or the number of tokens whose pairs lie together; of narrow codes also
// PARE_CODES_AS_QUADS and the number of tokens whose quads of bytes lie together, or the same of unsigned bytes, which are 128
// more than the codes.
#define PARE_CODES_AS_BYTES 0
#define PARE_CODES_AS_QUADS 16
#define PARE_CODES_AS_UNSIGNED_QUADS 32
static inline int pare_tokens_together(int layout) { return layout ? layout % PARE_CODES_AS_QUADS : 1; }
// The place of the codes of a token from a column on, a multiple of 16.
static inline int16_t *pare_codes_at(const int16_t *codes, int stride, int layout, int token, int column) {
  const int together = pare_tokens_together(layout), place = token % together;
  const int16_t *row = codes + (size_t)(token / together) * (size_t)together * (size_t)stride;
  return (int16_t *)row + (layout < PARE_CODES_AS_QUADS ? column * together + 2 * place : column * together / 2 + 2 * place);
}

typedef struct {
  float scale;
  float sum[2];      // scale × Σ q over 32 columns
  float half[4];     // scale × Σ q over 16
  int32_t isum[2];   // Σ q over 32
  int32_t ihalf[4];  // Σ q over 16
} pare_group;

typedef struct {
  // [tokens][stride], or as pairs of several tokens together: [tokens / together][stride / 2][together][2].
  const int16_t *codes;
  const int16_t *pairs;      // narrow codes in the layout of others too, for sets that take both
  const pare_group *groups;  // [tokens][stride / 64]
  const float *values;       // [tokens][stride], for float formats
  // [tokens], or null: every sum of a token is multiplied by its factor at the end.
  const float *factors;
  int32_t stride;            // columns between tokens, a multiple of 64
  int32_t bits;              // of the codes
} pare_activations;

// ---- Kernels --------------------------------------------------------------------------------------------

enum { PARE_ROPE_ADJACENT, PARE_ROPE_HALVES };
enum { PARE_GATE_SILU, PARE_GATE_GELU, PARE_GATE_RELU2 };

// Keys and values of one KV head lie in tiles of 16 positions; a tile in groups of 32 columns, the last of 16
// or 32.
//   bits   scales of a group   its keys                          its values
//   16     –                   f16 [columns][16 positions]       f16 [16 positions][columns]
//   8      f16 [16 positions]  i8  [columns][16]                 i8  [16][columns]
//   4      f16 [16 positions]  u8  [16][16], columns 2i, 2i + 1  u8  [16][16], columns i, i + 16
// A code of 4 bits means its number less 8; the lower half of a byte comes first.
#define PARE_KV_TILE 16
size_t pare_kv_tile_bytes(int bits, int width);

// The attention of up to PARE_QUERY_BLOCK queries that share a KV head over one chunk of positions. Long
// contexts are always cut at the same positions, so that the number of workers does not change a sum.
#define PARE_QUERY_BLOCK 6
#define PARE_CHUNK 256
// A partial result: the peak of the scores, Σ exp(score − peak), then from here on Σ exp(score − peak) ·
// value, for the width rounded up to 32.
#define PARE_PARTIAL_VALUES 16
typedef struct {
  const uint8_t *keys;
  const uint8_t *values;
  const float *queries[PARE_QUERY_BLOCK];  // [key_width]
  float *partials[PARE_QUERY_BLOCK];
  int32_t first[PARE_QUERY_BLOCK];  // first position a query sees
  int32_t last[PARE_QUERY_BLOCK];   // last position it sees, inclusive
  int32_t count;
  int32_t chunk;  // positions chunk · PARE_CHUNK …; some query sees one of them
  int32_t key_bits, value_bits;
  int32_t key_width, value_width;
  float scale;
  float soft_cap;  // 0: none
  float *weights;  // null, or gets exp(score − peak) of the positions that are seen [count][PARE_CHUNK]
} pare_attention;

typedef void pare_multiply_kernel(const pare_matrix *w, int first_tile, int last_tile, const pare_activations *x,
                                  int tokens, float *y, size_t y_stride, void *panel);

typedef struct {
  const char *name;
  // The layout of the codes of one token, and of several; then of narrow codes.
  int32_t codes_of_one, codes_of_many, narrow_of_one, narrow_of_many;
  int32_t takes_pairs_too;  // whether products with narrow codes need `pairs` of activations as well
  // y[t][tile·16 …] = factor · W x[t] for tiles first_tile ..< last_tile; `panel` is scratch memory of
  // PARE_PANEL_BYTES. The second takes narrow codes; see pare_multiply.
  pare_multiply_kernel *multiply, *multiply_narrow;
  // x[n] → codes and groups; n is a multiple of 64. Pairs, and quads, of codes are stored as far apart as so many tokens
  // together take. As bytes, a code is 256 times a high one plus a low one, both signed: of each 16 columns the 16 high ones
  // in the order of quads, then the low ones. Non-finite input gives a NaN scale. Returns the factor of the sums: 1, or with
  // `has_factor` the one scale of all columns, where those of groups are 1.
  float (*quantize)(const float *x, int n, int bits, int has_factor, int layout, int16_t *codes, pare_group *groups);
  // out = x / sqrt(mean(x²) + eps) · weight (weight may be null)
  void (*rms_norm)(const float *x, const float *weight, int n, float eps, float *out);
  // out = (x − mean) / sqrt(variance + eps) · weight + bias (bias may be null)
  void (*layer_norm)(const float *x, const float *weight, const float *bias, int n, float eps, float *out);
  // stream += scale · delta; sums[0…2] = ⟨before, after⟩, |before|², |after|² when sums is not null
  void (*residual_add)(float *stream, const float *delta, int n, float scale, float *sums);
  // sums[0…2] = ⟨a, b⟩, |a|², |b|²
  void (*compare)(const float *a, const float *b, int n, float *sums);
  void (*add)(float *x, const float *bias, int n);
  // gate[i] = act(gate[i]) · up[i], or act(gate[i]) where up is null
  void (*gate)(float *gate, const float *up, int n, int kind);
  // Rotates the first 2·pairs elements of one head; cosines and sines are [pairs].
  void (*rope)(float *head, const float *cosines, const float *sines, int pairs, int kind);
  // Stores the key or the value of a position in the tiles of its KV head.
  void (*store_key)(int bits, const float *key, int width, uint8_t *tiles, int position);
  void (*store_value)(int bits, const float *value, int width, uint8_t *tiles, int position);
  void (*attend)(const pare_attention *a);
  // out[width] = softmax-weighted values of a query from its `count` partials, `stride` floats apart. The
  // score `sink` takes its part of the softmax and has no value; -INFINITY for none.
  void (*combine)(const float *partials, size_t stride, int count, int width, float sink, float *out);
  void (*to_half)(const float *x, int n, uint16_t *out);
  // Soft cap, scale: x = cap · tanh(x · scale / cap), or x · scale when cap is 0.
  void (*scale_cap)(float *x, int n, float scale, float cap);
  // Natural logarithm of Σ exp(x); the maximum's index through arg_max (the first of equals), and the entropy of
  // softmax(x) in nats through entropy. Either may be null.
  float (*log_sum_exp)(const float *x, int n, int *arg_max, float *entropy);
  // KL(a ‖ b) in nats: Σ p (log p − log q) with log p = a − total_a, log q = b − total_b, totals by
  // log_sum_exp.
  float (*divergence)(const float *a, const float *b, int n, float total_a, float total_b);
  // Encodes up to 256 columns (a multiple of 32) of 16 rows, columns[count][16]: codes[count][16] and, into
  // the tile at `out`, the scales. importance[count] weights the squared error of each column; null weights
  // all alike. Rows are encoded on their own; those that are not finite become NaN, and those with weights too
  // large for f16 scales NaN, infinite or zero. Formats: D8, D2, K6, K5, K4, K2, X3, X1. Returns the largest
  // size of a weight, infinity where one is not finite.
  float (*encode)(int format, const float *columns, const float *importance, int count, uint8_t *codes,
                  uint8_t *out);
} pare_kernels;

// The layout that products with codes of a width take.
static inline int pare_codes_layout(const pare_kernels *kernels, int bits, int tokens) {
  if (bits > 8) return tokens == 1 ? kernels->codes_of_one : kernels->codes_of_many;
  return tokens == 1 ? kernels->narrow_of_one : kernels->narrow_of_many;
}
static inline void pare_multiply(const pare_kernels *kernels, const pare_matrix *w, int first_tile, int last_tile,
                                 const pare_activations *x, int tokens, float *y, size_t y_stride, void *panel) {
  (x->bits > 8 ? kernels->multiply : kernels->multiply_narrow)(w, first_tile, last_tile, x, tokens, y, y_stride, panel);
}

#define PARE_PANEL_COLUMNS 256
#define PARE_PANEL_BYTES 22528  // two panels: codes of 256 columns as pairs, and their scales

// Kernel sets this CPU can run, fastest first, the scalar one last; null past the end.
const pare_kernels *pare_kernels_at(int index);

// ---- Packing --------------------------------------------------------------------------------------------

// The packed form of a GGUF type.
typedef struct {
  int format;
  int elements, bytes;   // of a block in the file
  float factor;          // of `pare_matrix`
  const uint8_t *table;
} pare_packing;

// Null for types that have no packed form of their own. I2_S has one but for the scale of the whole tensor.
const pare_packing *pare_packing_of_gguf(int type);
// Packs one tile in the format of the type, or TQ1_0 and TQ2_0 in T2 where all blocks have one scale, or 0.
// `rows[r]` points at the r-th row's blocks, or is null for a row of zeros. `codebook` holds the points of IQ1,
// IQ2 and IQ3, values side by side, and is null for other types.
void pare_pack_tile(int gguf_type, int format, const uint8_t *const rows[PARE_TILE_ROWS], int columns,
                    const void *codebook, uint8_t *tile);
// Packs one tile from f32 rows, encoding them; `columns` is padded to 32 with zeros by the caller. A null row
// is zeros. importance[columns] or null as for `encode`, whose formats there are, the floats,
// and T2 for weights of −1, 0 and 1. Returns the
// largest size of a weight, infinity where one is not finite.
float pare_encode_tile(const pare_kernels *kernels, int format, const float *const rows[PARE_TILE_ROWS],
                       const float *importance, int columns, uint8_t *tile);

// Reads 32 columns of a row of a matrix that was encoded (not of one laid out from a file's blocks): its
// weights are scales[h]·codes[c] + offsets[h], h being 0 for the first 16 columns and 1 for the others.
void pare_unpack_block(const pare_matrix *matrix, int row, int block, int16_t codes[PARE_BLOCK_COLUMNS],
                       float scales[2], float offsets[2]);

// ---- Roofs ----------------------------------------------------------------------------------------------

// Reads memory once, as fast as a core can; the result keeps the compiler from removing the reads.
int64_t pare_roof_read(const uint8_t *p, size_t bytes);
// Multiply-adds of bytes in 32 bits, and fused multiply-adds of f32, both in registers: with 256-bit
// instructions on x86, on ARM with dot products where there are any. They return the number of multiply-adds.
double pare_roof_int8(int rounds, int32_t *result);
double pare_roof_fma(int rounds, float *result);

// ---- Waiting --------------------------------------------------------------------------------------------

static inline void pare_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Gives memory of the heap that nobody uses back to the system, where the C library can.
void pare_trim_heap(void);

// Prefetches memory that will be written soon.
static inline void pare_prefetch_for_writing(const void *start, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)start + i, 1);
}

// The number of processors that this process may run on.
int pare_processors(void);

// A barrier of `count` threads, which spin for a while, then sleep.
typedef struct pare_barrier pare_barrier;
pare_barrier *pare_barrier_new(int count);
void pare_barrier_free(pare_barrier *barrier);
// Returns when every thread has called it.
void pare_barrier_wait(pare_barrier *barrier);
// Changes the number of threads; not while some of them wait.
void pare_barrier_set_count(pare_barrier *barrier, int count);
// The number of times that all have met, modulo 2^32.
uint32_t pare_barrier_meetings(const pare_barrier *barrier);
// Nanoseconds for which the calling thread ran or slept at a barrier. For the rest of the time it was
// preempted.
uint64_t pare_thread_time(void);

// Ranges of work with work stealing: a worker that is done early takes parts of the others' ranges. A barrier
// must lie between two uses.
typedef struct pare_shares pare_shares;
pare_shares *pare_shares_new(int count);
void pare_shares_free(pare_shares *shares);
// Sets the range of a worker, which has to call it itself.
void pare_shares_set(pare_shares *shares, int worker, int first, int end);
// Claims the next piece for a worker: half of its own remaining range, from the front, so that it reads on in
// order; then pieces of `least` from the back of other workers' ranges. Returns its size, 0 when all is done.
int pare_shares_claim(pare_shares *shares, int worker, int least, int *first);
