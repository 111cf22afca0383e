// Sets of kernels of which one does something else, in one value, by as little as can be.
#pragma once
#include "CKernels.h"

static const pare_kernels *whole;  // what the broken ones are made from

static void nudge(float *x) { *x = *x ? *x * 1.0000002f : 1e-30f; }

#define KERNEL(name) static void broken_##name
KERNEL(multiply)(const pare_matrix *w, int first, int last, const pare_activations *x, int tokens, float *y,
                 size_t stride, void *panel) {
  whole->multiply(w, first, last, x, tokens, y, stride, panel);
  nudge(y + (size_t)(tokens - 1) * stride + 16 * last - 1);
}
KERNEL(multiply_narrow)(const pare_matrix *w, int first, int last, const pare_activations *x, int tokens, float *y,
                        size_t stride, void *panel) {
  whole->multiply_narrow(w, first, last, x, tokens, y, stride, panel);
  nudge(y + (size_t)(tokens - 1) * stride + 16 * last - 1);
}
static float broken_quantize(const float *x, int n, int bits, int has_factor, int layout, int16_t *codes,
                             pare_group *groups) {
  const float factor = whole->quantize(x, n, bits, has_factor, layout, codes, groups);
  codes[1] ^= 1;
  return factor;
}
KERNEL(rms_norm)(const float *x, const float *weight, int n, float eps, float *out) {
  whole->rms_norm(x, weight, n, eps, out);
  nudge(out + n - 1);
}
KERNEL(layer_norm)(const float *x, const float *weight, const float *bias, int n, float eps, float *out) {
  whole->layer_norm(x, weight, bias, n, eps, out);
  nudge(out + n - 1);
}
KERNEL(residual_add)(float *stream, const float *delta, int n, float scale, float *sums) {
  whole->residual_add(stream, delta, n, scale, sums);
  if (sums) nudge(sums + 2);
}
KERNEL(compare)(const float *a, const float *b, int n, float *sums) {
  whole->compare(a, b, n, sums);
  nudge(sums);
}
KERNEL(add)(float *x, const float *bias, int n) {
  whole->add(x, bias, n);
  nudge(x + n);  // one too far
}
KERNEL(gate)(float *gate, const float *up, int n, int kind) {
  whole->gate(gate, up, n, kind);
  if (kind == PARE_GATE_GELU) nudge(gate + n - 1);
}
KERNEL(rope)(float *head, const float *cosines, const float *sines, int pairs, int kind) {
  whole->rope(head, cosines, sines, pairs, kind);
  nudge(head + 2 * pairs - 1);
}
KERNEL(store_key)(int bits, const float *key, int width, uint8_t *tiles, int position) {
  whole->store_key(bits, key, width, tiles, position);
  tiles[40] ^= 1;
}
KERNEL(store_value)(int bits, const float *value, int width, uint8_t *tiles, int position) {
  whole->store_value(bits, value, width, tiles, position);
  tiles[40] ^= 1;
}
KERNEL(attend)(const pare_attention *a) {
  whole->attend(a);
  nudge(a->partials[a->count - 1] + PARE_PARTIAL_VALUES + a->value_width - 1);
}
KERNEL(combine)(const float *partials, size_t stride, int count, int width, float sink, float *out) {
  whole->combine(partials, stride, count, width, sink, out);
  nudge(out + width - 1);
}
KERNEL(to_half)(const float *x, int n, uint16_t *out) {
  whole->to_half(x, n, out);
  out[n - 1] ^= 1;
}
KERNEL(scale_cap)(float *x, int n, float scale, float cap) {
  whole->scale_cap(x, n, scale, cap);
  nudge(x);
}
static float broken_log_sum_exp(const float *x, int n, int *arg_max, float *entropy) {
  float total = whole->log_sum_exp(x, n, arg_max, entropy);
  if (arg_max) *arg_max += n > 1;
  return total;
}
static float broken_divergence(const float *a, const float *b, int n, float total_a, float total_b) {
  float divergence = whole->divergence(a, b, n, total_a, total_b);
  nudge(&divergence);
  return divergence;
}
static float broken_encode(int format, const float *columns, const float *importance, int count, uint8_t *codes,
                           uint8_t *out) {
  float factor = whole->encode(format, columns, importance, count, codes, out);
  if (format == PARE_X1) codes[16 * count - 1] ^= 1;
  return factor;
}
#undef KERNEL

#define BROKEN_KERNELS(X)                                                                                \
  X(multiply) X(multiply_narrow) X(quantize) X(rms_norm) X(layer_norm) X(residual_add) X(compare) X(add) X(gate) X(rope)    \
  X(store_key) X(store_value) X(attend) X(combine) X(to_half) X(scale_cap) X(log_sum_exp) X(divergence)  \
  X(encode)

enum {
#define ONE(name) break_##name,
  BROKEN_KERNELS(ONE)
#undef ONE
  SABOTAGES
};

static const char *sabotage_name(int which) {
#define NAME(name) #name,
  static const char *const names[] = {BROKEN_KERNELS(NAME)};
#undef NAME
  return names[which];
}

static pare_kernels sabotaged(const pare_kernels *kernels, int which) {
  pare_kernels broken = *kernels;
  whole = kernels;
  switch (which) {
#define BREAK(name) case break_##name: broken.name = broken_##name; break;
    BROKEN_KERNELS(BREAK)
#undef BREAK
  }
  return broken;
}
