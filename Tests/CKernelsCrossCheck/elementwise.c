#include "cases.h"

// Where a kernel writes `count` floats, and a few more that it must leave alone.
static void put_written(const float *x, int count) { put_floats(x, count + 8); }
static float *copy_of(const float *x, int count) {
  float *copy = scratch((size_t)(count + 8) * sizeof *copy);
  return memcpy(copy, x, (size_t)count * sizeof *x);
}

void elementwise_case(const pare_kernels *k) {
  const int n = up_to(200), pairs = up_to(100);
  const float *a = floats(n), *b = floats(n), *weight = floats(n), *head = floats(2 * pairs + 1);
  const float *cosines = floats(pairs), *sines = floats(pairs);
  float sums[3], *x;

  k->rms_norm(a, next_random() % 2 ? weight : NULL, n, 1e-5f, x = copy_of(b, n)), put_written(x, n);
  k->layer_norm(a, weight, next_random() % 2 ? b : NULL, n, 1e-5f, x = copy_of(b, n)), put_written(x, n);
  k->residual_add(x = copy_of(a, n), b, n, 0.7f, sums), put_written(x, n), put_floats(sums, 3);
  k->residual_add(x = copy_of(a, n), b, n, 0.7f, NULL), put_written(x, n);
  k->compare(a, b, n, sums), put_floats(sums, 3);
  k->add(x = copy_of(a, n), b, n), put_written(x, n);
  for (int kind = PARE_GATE_SILU; kind <= PARE_GATE_RELU2; kind++)
    k->gate(x = copy_of(a, n), next_random() % 2 ? b : NULL, n, kind), put_written(x, n);
  for (int kind = PARE_ROPE_ADJACENT; kind <= PARE_ROPE_HALVES; kind++)
    k->rope(x = copy_of(head, 2 * pairs), cosines, sines, pairs, kind), put_written(x, 2 * pairs);
  for (int cap = 0; cap <= 3; cap += 3) k->scale_cap(x = copy_of(a, n), n, 2, (float)cap), put_written(x, n);
}

void logarithm_case(const pare_kernels *k) {
  const int n = up_to(300);
  float *a = floats(n), *b = floats(n);
  if (next_random() % 2) a[next_random() % (uint64_t)n] = 60;  // most of the others vanish beside it
  if (n > 1 && next_random() % 2) b[next_random() % (uint64_t)n] = -INFINITY;
  int largest = -1;
  float entropy = 0;
  const float total_a = k->log_sum_exp(a, n, &largest, &entropy), total_b = k->log_sum_exp(b, n, NULL, NULL);
  put(total_a), put(total_b), put((float)largest), put(entropy);
  put(k->divergence(a, b, n, 4, 3));
}

void quantize_case(const pare_kernels *k) {
  const int layouts[] = {PARE_CODES_AS_BYTES, 1, PARE_TOKENS_AT_ONCE, PARE_CODES_AS_QUADS + 1,
                         PARE_CODES_AS_QUADS + PARE_TOKENS_AT_ONCE};
  const int n = whole_groups(up_to(400)), layout = layouts[next_random() % 5];
  const int bits = layout < PARE_CODES_AS_QUADS ? 15 : next_random() % 2 ? 8 : 4;
  const int has_factor = next_random() % 2, together = pare_tokens_together(layout);
  const float *x = next_random() % 2 ? floats(n) : wild_floats(n);
  int16_t *codes = scratch((size_t)(n * together) * sizeof *codes);
  pare_group *groups = scratch((size_t)n / PARE_GROUP_COLUMNS * sizeof *groups);
  put(k->quantize(x, n, bits, has_factor, layout, codes, groups));
  for (int i = 0; i < n * together; i++) put(codes[i]);
  for (const pare_group *g = groups; g < groups + n / PARE_GROUP_COLUMNS; g++) {
    put(g->scale), put_floats(g->sum, 2), put_floats(g->half, 4);
    for (int i = 0; i < 2; i++) put((float)g->isum[i]);
    for (int i = 0; i < 4; i++) put((float)g->ihalf[i]);
  }
}

// Any pattern of bits to f16, and back by the product of such a matrix with 1.
void half_case(const pare_kernels *k) {
  const int n = up_to(200);
  float *x = floats(n);
  for (int i = 0; i < n; i++) {
    // All exponents that f16 has, and some beyond.
    const uint32_t bits = (uint32_t)(next_random() & 0x807fffff) | (uint32_t)(95 + next_random() % 56) << 23;
    memcpy(&x[i], &bits, 4);
  }
  uint16_t *half = scratch((size_t)(n + 8) * sizeof *half);
  k->to_half(x, n, half);
  for (int i = 0; i < n + 8; i++) put(half[i]);

  uint16_t *tile = scratch(32 * 16 * 2);
  float *ones = scratch(32 * sizeof *ones), y[16];
  for (int r = 0; r < 16; r++) tile[r] = (uint16_t)next_random();
  ones[0] = 1;
  const pare_matrix w = {(const uint8_t *)tile, PARE_F16, 16, 32, 1, NULL};
  const pare_activations by = {.values = ones, .stride = PARE_GROUP_COLUMNS};
  k->multiply(&w, 0, 1, &by, 1, y, 16, NULL);
  put_floats(y, 16);
}
