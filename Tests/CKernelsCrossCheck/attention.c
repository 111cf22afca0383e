#include "cases.h"

static const int widths[] = {16, 8, 4};

static size_t cache_bytes(int bits, int width, int positions) {
  return (size_t)((positions + 15) / 16) * pare_kv_tile_bytes(bits, width);
}

// The tiles themselves, also of keys and values that are no numbers.
void store_case(const pare_kernels *k) {
  const int width = up_to(140), positions = up_to(40);
  for (int b = 0; b < 3; b++) {
    const int bits = widths[b];
    const size_t bytes = cache_bytes(bits, width, positions);
    uint8_t *keys = scratch(bytes), *values = scratch(bytes);
    for (int p = 0; p < positions; p++) {
      const float *x = next_random() % 8 ? floats(width) : wild_floats(width);
      k->store_key(bits, x, width, keys, p);
      k->store_value(bits, x, width, values, p);
    }
    put_bytes(keys, bytes), put_bytes(values, bytes);
  }
}

void attention_case(const pare_kernels *k) {
  const int positions = 16 + up_to(700);
  const int key_bits = widths[next_random() % 3], value_bits = widths[next_random() % 3];
  const int key_width = up_to(140), value_width = up_to(140), count = up_to(PARE_QUERY_BLOCK);
  uint8_t *keys = scratch(cache_bytes(key_bits, key_width, positions));
  uint8_t *values = scratch(cache_bytes(value_bits, value_width, positions));
  const float *queries = floats(PARE_QUERY_BLOCK * key_width);
  for (int p = 0; p < positions; p++) {
    k->store_key(key_bits, floats(key_width), key_width, keys, p);
    k->store_value(value_bits, floats(value_width), value_width, values, p);
  }
  const size_t stride = (size_t)(PARE_PARTIAL_VALUES + padded(value_width));
  const int chunks = (positions + PARE_CHUNK - 1) / PARE_CHUNK;
  float *partials = scratch((size_t)(count * chunks) * stride * sizeof *partials);
  float *weights = scratch((size_t)(count * PARE_CHUNK) * sizeof *weights);
  pare_attention a = {
      .keys = keys, .values = values, .count = count, .key_bits = key_bits, .value_bits = value_bits,
      .key_width = key_width, .value_width = value_width, .scale = 1 / sqrtf((float)key_width),
      .soft_cap = next_random() % 2 ? 0 : 3, .weights = next_random() % 2 ? weights : NULL};
  for (int q = 0; q < count; q++) {
    a.queries[q] = queries + q * key_width;
    a.last[q] = up_to(positions) - 1;
    a.first[q] = next_random() % 2 ? 0 : up_to(a.last[q] + 1) - 1;
  }
  // Chunks that no query sees are never asked for.
  int first = chunks, last = 0;
  for (int q = 0; q < count; q++) {
    first = a.first[q] / PARE_CHUNK < first ? a.first[q] / PARE_CHUNK : first;
    last = a.last[q] / PARE_CHUNK > last ? a.last[q] / PARE_CHUNK : last;
  }
  for (a.chunk = first; a.chunk <= last; a.chunk++) {
    int is_seen = 0;
    for (int q = 0; q < count; q++) {
      a.partials[q] = partials + (size_t)(q * chunks + a.chunk) * stride;
      is_seen |= a.first[q] < (a.chunk + 1) * PARE_CHUNK && a.last[q] >= a.chunk * PARE_CHUNK;
    }
    if (is_seen)
      k->attend(&a), put_floats(weights, count * PARE_CHUNK);
    else
      for (int q = 0; q < count; q++) a.partials[q][0] = -INFINITY;
  }
  float *out = scratch((size_t)(value_width + 8) * sizeof *out);
  for (int q = 0; q < count; q++) {
    const float sink = next_random() % 2 ? -INFINITY : *floats(1);
    k->combine(partials + (size_t)(q * chunks + first) * stride, stride, last - first + 1, value_width, sink,
               out);
    put_floats(out, value_width + 8);
  }
}
